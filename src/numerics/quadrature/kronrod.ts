// Gauss-Kronrod rules of a panel [-1, 1]. The nodes of the long rule contain those of the short
// one, whose result gives the error. The rule 7-15 suits integrals that need many panels, and 15-31
// suits long smooth intervals (fewer evaluations per digit). The nodes and weights are zeros of
// Legendre and Stieltjes polynomials, computed with 40 digits.

/** A Gauss-Kronrod rule with the Gauss rule that it contains. */
export interface KronrodRule {
  /**
   * The positive nodes, the outermost first. Odd positions are the Gauss nodes, and the last node
   * is 0.
   */
  nodes: Float64Array;
  /** The weights of the long rule, one per node. */
  kronrod: Float64Array;
  /** The weights of the short rule, one per odd position. */
  gauss: Float64Array;
  /** Number of evaluations per panel: 2 nodes.length - 1. */
  count: number;
  /**
   * The error decreases like this power of the panel's length: 3/2 of the power of the short rule.
   */
  power: number;
}

/** The rule with 7 and 15 nodes. */
export const kronrod15: KronrodRule = {
  nodes: Float64Array.of(
    0.9914553711208126,
    0.9491079123427585,
    0.8648644233597691,
    0.7415311855993945,
    0.5860872354676911,
    0.4058451513773972,
    0.20778495500789848,
    0,
  ),
  kronrod: Float64Array.of(
    0.022935322010529224,
    0.06309209262997856,
    0.10479001032225019,
    0.14065325971552592,
    0.1690047266392679,
    0.19035057806478542,
    0.20443294007529889,
    0.20948214108472782,
  ),
  gauss: Float64Array.of(0.1294849661688697, 0.27970539148927664, 0.3818300505051189, 0.4179591836734694),
  count: 15,
  power: 22,
};

/** The rule with 15 and 31 nodes. */
export const kronrod31: KronrodRule = {
  nodes: Float64Array.of(
    0.9980022986933971,
    0.9879925180204854,
    0.9677390756791391,
    0.937273392400706,
    0.8972645323440819,
    0.8482065834104272,
    0.790418501442466,
    0.7244177313601701,
    0.650996741297417,
    0.5709721726085388,
    0.4850818636402397,
    0.3941513470775634,
    0.29918000715316884,
    0.20119409399743451,
    0.1011420669187175,
    0,
  ),
  kronrod: Float64Array.of(
    0.005377479872923349,
    0.015007947329316122,
    0.02546084732671532,
    0.03534636079137585,
    0.04458975132476488,
    0.05348152469092809,
    0.06200956780067064,
    0.06985412131872826,
    0.07684968075772038,
    0.08308050282313302,
    0.08856444305621176,
    0.09312659817082532,
    0.09664272698362368,
    0.09917359872179196,
    0.10076984552387559,
    0.10133000701479154,
  ),
  gauss: Float64Array.of(
    0.03075324199611727,
    0.07036604748810812,
    0.10715922046717194,
    0.13957067792615432,
    0.16626920581699392,
    0.1861610000155622,
    0.19843148532711158,
    0.2025782419255613,
  ),
  count: 31,
  power: 46,
};
