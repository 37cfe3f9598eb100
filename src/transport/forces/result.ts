// The result of a force calculation: the integrals by name, absolute errors per quantity,
// certificates and warnings.
//
// Longer than most files: each quantity has its place, its error and its certificate here, and
// nowhere else.

import { atLeast, atMost, broken, type Certificate, values } from "../../model/certificate.js";
import type { Warning } from "../../model/warning.js";
import { leastEigenvalue } from "../../numerics/linear-algebra/small-matrix.js";
import type { SolverLimits } from "../../scattering/contract.js";
import { pairIndex } from "../../scattering/point.js";
import { CLOSE, type Divergence } from "../energy/divergence.js";
import type { Fillings } from "../energy/fillings.js";
import { FLOORS, type ForceLayout } from "./layout.js";

/**
 * Forces at one configuration. Matrices are stored by rows: friction[nu, nu'],
 * currentPerVelocity[lead, nu]. Signs and units: CONVENTIONS.md.
 */
export interface Forces {
  directions: number;
  leads: string[];
  /** F_nu = -<dH/dX_nu> with the whole filled sea, one number per direction. */
  force: Float64Array;
  /**
   * Full friction tensor, with its antisymmetric part:
   * F_nu(t) = F_nu - sum friction[nu, nu'] dX_nu'/dt.
   */
  friction: Float64Array;
  /** Symmetrised noise: <xi_nu xi_nu'> = noise[nu, nu'] delta(t - t'). */
  noise: Float64Array;
  /** Particle current into the device per lead, at rest (order 0). */
  current: Float64Array;
  /** Particle current into the device per lead and velocity (order 1), leads x directions. */
  currentPerVelocity: Float64Array;
  /** Energy current into the device per lead, at rest. */
  energyCurrent: Float64Array;
  /** Energy current into the device per lead and velocity, leads x directions. */
  energyCurrentPerVelocity: Float64Array;
  /** Heat current J^E_a - mu_a J_a per lead, at rest. */
  heatCurrent: Float64Array;
  /** Entropy production -sum_a J^Q_a / T_a; absent if a reservoir has T = 0. */
  entropyProduction?: number;
  /**
   * Chemical potential per lead: the given one, or that at which a voltage probe settles. An
   * energy-resolved probe has none, and the mean of the reservoirs stands in its place.
   */
  chemicalPotential: Float64Array;
  /** Temperature per lead; that of a probe is the mean of the reservoirs. */
  temperature: Float64Array;
  /**
   * Largest estimated error relative to the scale of its quantity (CONVENTIONS.md). It exceeds the
   * tolerance only together with a warning.
   */
  error: number;
  /** Estimated absolute errors, each for the largest element of its quantity, with rounding. */
  errors: ForceErrors;
  /** Scale of each quantity, to which the relative error refers. */
  scales: ForceErrors;
  /** The same scales before the least scales of layout.ts are applied. */
  ownScales: ForceErrors;
  /** Order of magnitude of each kind of quantity, from the scales of Lambda, device and window. */
  naturalScales: ForceErrors;
  /** Energy at which the error is largest. */
  worst: number;
  /** Identities that the results must fulfil, as found. */
  certificate: ForceCertificate;
  /** The same with the allowed values, and whether each holds. */
  certificates: ForceCertificates;
  /** Warnings from certificates and errors. */
  warnings: Warning[];
  /**
   * True if friction and currents per velocity are unknown, because S is given without A and there
   * is a bias.
   */
  withoutA?: boolean;
  /** True if S is given. */
  given?: boolean;
  /** Quantities that diverge. Their members contain zeros. */
  diverging: (keyof ForceErrors)[];
  /** Number of energies at which the device was solved, with the complex ones of the sea. */
  evaluations: number;
  /** Equilibrium force at the reservoir that was requested, one number per direction. */
  equilibriumForce?: Float64Array;
  /**
   * Linear response at the reservoir that was requested, with absolute errors: charges per lead,
   * friction, conductance, channels (layout.ts).
   */
  response?: { values: Float64Array; errors: Float64Array };
}

/** Absolute errors by quantity, each in the unit of its quantity and for its largest element. */
export interface ForceErrors {
  /** Error of the force, or of the torque of a turn. */
  force: number;
  /** Error of the friction. */
  friction: number;
  /** Error of the noise. */
  noise: number;
  /** Error of the particle currents at rest. */
  current: number;
  /** Error of the energy currents at rest. */
  energyCurrent: number;
  /** Error of the particle currents per velocity. */
  currentPerVelocity: number;
  /** Error of the energy currents per velocity. */
  energyCurrentPerVelocity: number;
}

/** Deviations of the forces at one configuration from identities that hold for every device. */
export interface ForceCertificate {
  /** Largest max |S^+ S - 1| over all energies. */
  unitarity: number;
  /**
   * |sum_a J_a| relative to the largest |J_a|, or to 1 % of the integral of the absolute values if
   * that is larger; 0 without currents.
   */
  chargeBalance: number;
  /** |sum_a J^E_a| of the energy currents at rest, relative in the same way. */
  energyBalance: number;
  /**
   * Least eigenvalue of the noise matrix. Only rounding makes it negative. Absent if the noise is.
   */
  noisePositive?: number;
  /** max |D - 2 T gamma^s| relative to the largest element of D. Present in equilibrium only. */
  fluctuationDissipation?: number;
}

/**
 * A ForceCertificate with the allowed value of each entry and whether it holds. `noisePositive`
 * must be at least the allowed value, all others at most.
 */
export type ForceCertificates = { [Name in keyof ForceCertificate]: Certificate };

/** The sums over all contributions by name, without certificates and warnings. */
export function arrange(
  layout: ForceLayout,
  sums: Float64Array,
  leads: string[],
  fillings: Fillings,
): Forces {
  const at = layout;
  const d = at.directions;
  const { mu, temperature } = fillings;
  const friction = new Float64Array(d * d);
  const noise = new Float64Array(d * d);
  let pair = 0;
  for (let i = 0; i < d; i++) {
    for (let j = i; j < d; j++, pair++) {
      const antisymmetric = i === j ? 0 : sums[at.antisymmetricFriction + pairIndex(i, j, d)];
      friction[i * d + j] = sums[at.friction + pair] + antisymmetric;
      if (i !== j) friction[j * d + i] = sums[at.friction + pair] - antisymmetric;
      noise[i * d + j] = sums[at.noise + pair];
      noise[j * d + i] = sums[at.noise + pair];
    }
  }
  const current = sums.slice(at.current, at.current + at.leads);
  const energyCurrent = sums.slice(at.energyCurrent, at.energyCurrent + at.leads);
  const heatCurrent = Float64Array.from(energyCurrent, (flow, a) => flow - mu[a] * current[a]);
  const forces: Forces = {
    directions: d,
    leads: [...leads],
    force: sums.slice(at.force, at.force + d),
    friction,
    noise,
    current,
    currentPerVelocity: sums.slice(at.currentPerVelocity, at.currentPerVelocity + at.leads * d),
    energyCurrent,
    energyCurrentPerVelocity: sums.slice(at.energyPerVelocity, at.energyPerVelocity + at.leads * d),
    heatCurrent,
    chemicalPotential: Float64Array.from(mu),
    temperature: Float64Array.from(temperature),
    error: 0,
    errors: noErrors(),
    scales: noErrors(),
    ownScales: noErrors(),
    naturalScales: noErrors(),
    worst: 0,
    certificate: { unitarity: 0, chargeBalance: 0, energyBalance: 0, noisePositive: 0 },
    certificates: {} as ForceCertificates,
    warnings: [],
    diverging: [],
    evaluations: 0,
  };
  if (!temperature.includes(0))
    forces.entropyProduction = -heatCurrent.reduce((sum, flow, a) => sum + flow / temperature[a], 0);
  return forces;
}

const noErrors = (): ForceErrors => ({
  force: 0,
  friction: 0,
  noise: 0,
  current: 0,
  energyCurrent: 0,
  currentPerVelocity: 0,
  energyCurrentPerVelocity: 0,
});

/** The names of the quantities in the order of the groups of layout.ts. */
export const quantities: (keyof ForceErrors)[] = [
  "force",
  "noise",
  "friction",
  "current",
  "energyCurrent",
  "currentPerVelocity",
  "energyCurrentPerVelocity",
];

/**
 * Largest element of each quantity in a list by component (errors or scales of the window
 * integral).
 */
export function byQuantity(layout: ForceLayout, list: Float64Array): ForceErrors {
  const out = noErrors();
  for (let i = 0; i < layout.delay; i++) {
    const quantity = quantities[layout.groups[i]];
    out[quantity] = Math.max(out[quantity], list[i]);
  }
  return out;
}

/**
 * Sets the scales of the errors: the quantities' own ones, those raised to the least scales per
 * group, and the natural ones.
 */
export function setScales(forces: Forces, own: ForceErrors, floors: Float64Array): void {
  forces.ownScales = own;
  for (const [group, quantity] of quantities.entries()) {
    forces.scales[quantity] = Math.max(own[quantity], floors[group]);
    forces.naturalScales[quantity] = floors[group] / FLOORS[group];
  }
}

/** The quantity with the largest error in units of its scale, and this relative error. */
export function leastKnown(errors: ForceErrors, scales: ForceErrors): [keyof ForceErrors, number] {
  let [worst, relative]: [keyof ForceErrors, number] = ["force", 0];
  for (const quantity of quantities) {
    const own = scales[quantity] > 0 ? errors[quantity] / scales[quantity] : 0;
    if (own > relative) [worst, relative] = [quantity, own];
  }
  return [worst, relative];
}

/**
 * Advice on a tolerance that can be met where rounding leaves the error `relative`; empty if
 * rounding leaves too little.
 */
export function attainable(relative: number): string[] {
  // The adaptive integrator accepts an integral at ten times its rounding (tolerance.ts).
  const wanted = 12 * relative;
  if (!(wanted < 0.5)) return [];
  const power = 10 ** Math.floor(Math.log10(wanted));
  const asked = (Math.ceil(wanted / power) * power).toExponential(0);
  return [
    `the tolerance needs more digits than there are: ask for a tolerance of ${asked} (--tolerance ${asked})`,
  ];
}

/** Why a quantity of a given S may not be known. */
export const GIVEN_CAUSE =
  "the given S is not known better between the entries of its table, to its digits, or where it is differenced: " +
  "give it at more energies and angles, to more digits, or with its derivatives";

/** A defect of unitarity above this is more than rounding. */
export const UNITARITY = 1e-8;

/**
 * Fills in the certificates of finished forces, with a warning for each that is broken. `equal`
 * means that all fillings are the same.
 */
export function certify(forces: Forces, unitarity: number, equal: boolean, tolerance: number): void {
  const { current, energyCurrent, errors, ownScales, directions: d, noise, diverging } = forces;
  const balance = (flow: Float64Array, error: number, own: number): Certificate => {
    const scale = Math.max(largest(flow), own);
    const sum = Math.abs(flow.reduce((total, value) => total + value, 0));
    return scale > 0 ? atMost(sum / scale, 10 * tolerance + (flow.length * error) / scale) : atMost(0, 0);
  };
  const spread = largest(noise);
  const certificates: ForceCertificates = {
    unitarity: atMost(unitarity, UNITARITY),
    chargeBalance: balance(current, errors.current, ownScales.current),
    energyBalance: balance(energyCurrent, errors.energyCurrent, ownScales.energyCurrent),
    ...(!diverging.includes("noise") && {
      noisePositive: atLeast(leastEigenvalue(noise, d), -d * errors.noise - 1e-12 * spread),
    }),
    ...(equal &&
      !diverging.includes("noise") &&
      !diverging.includes("friction") && {
        fluctuationDissipation: equilibriumDefect(forces, spread, tolerance),
      }),
  };
  forces.certificates = certificates;
  forces.certificate = values(certificates);
  const { unitarity: unitary, chargeBalance, energyBalance, noisePositive } = certificates;
  forces.warnings.push(
    ...broken("unitarity", "unitarity of S is broken by", unitary),
    ...broken("charge-balance", "currents do not sum to zero, by", chargeBalance),
    ...broken("energy-balance", "energy currents do not sum to zero, by", energyBalance),
  );
  if (noisePositive)
    forces.warnings.push(...broken("negative-noise", "the noise has the negative eigenvalue", noisePositive));
  if (certificates.fluctuationDissipation)
    forces.warnings.push(
      ...broken(
        "fluctuation-dissipation",
        "D - 2 T gamma relative to D is",
        certificates.fluctuationDissipation,
      ),
    );
}

/** max |D - 2 T gamma^s| relative to `spread`, the largest element of D. */
function equilibriumDefect(forces: Forces, spread: number, tolerance: number): Certificate {
  const { directions: d, noise, friction, errors } = forces;
  const temperature = forces.temperature[0];
  let defect = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      const symmetric = 0.5 * (friction[i * d + j] + friction[j * d + i]);
      defect = Math.max(defect, Math.abs(noise[i * d + j] - 2 * temperature * symmetric));
    }
  }
  if (spread === 0) return atMost(0, 0);
  return atMost(
    defect / spread,
    10 * tolerance + (errors.noise + 2 * temperature * errors.friction) / spread,
  );
}

/** Marks what a solver that knows only S cannot give, with a warning for each quantity. */
export function leaveOut(forces: Forces, limits: SolverLimits, equal: boolean): void {
  const { warnings } = forces;
  const lacks = (text: string): void => {
    warnings.push({ code: "given-s", text });
  };
  if (!limits.sea)
    lacks(
      `force: ${limits.source} does not contain the filled sea; the conservative part at equal fillings is left out`,
    );
  if (!limits.antisymmetricFriction) {
    lacks(`friction: ${limits.source} does not contain the antisymmetric part, which is left out`);
    // The integrand has some of its terms, which mean nothing without the others.
    const { friction, directions: d } = forces;
    for (let i = 0; i < d; i++)
      for (let j = 0; j < i; j++) {
        friction[i * d + j] = 0.5 * (friction[i * d + j] + friction[j * d + i]);
        friction[j * d + i] = friction[i * d + j];
      }
  }
  if (limits.completeA || equal) return;
  forces.withoutA = true;
  lacks(
    "friction and currents per velocity are left out: at a bias they need A, which is not given beside S",
  );
}

/** Marks the quantities that diverge, with a warning for each. */
export function leaveOutDiverging(forces: Forces, diverging: readonly Divergence[]): void {
  for (const { group, energy, limit } of diverging) {
    const quantity = quantities[group];
    forces.diverging.push(quantity);
    forces[quantity].fill(0);
    const text =
      `${quantity} is left out: it diverges at the band edge E = ${energy} inside the window, or cannot be distinguished from a divergence. Its integrand times the ` +
      `distance to the edge tends to ${limit.toPrecision(3)}: a half-bound state lies at the edge, or nearer to the edge than about ${CLOSE} of the device's energies`;
    forces.warnings.push({ code: "diverges", text });
  }
}

/** Adds a warning if rounding keeps the result from the tolerance. */
export function warnOfRounding(forces: Forces, tolerance: number): void {
  if (forces.error <= tolerance) return;
  const bad = quantities
    .filter((quantity) => forces.errors[quantity] > tolerance * forces.scales[quantity])
    .map((quantity) => `${quantity} (${forces.errors[quantity].toExponential(1)})`);
  const where = Number.isFinite(forces.worst) ? ` near E = ${forces.worst}` : "";
  const text =
    `rounding at a narrow resonance${where} leaves a relative error of ${forces.error.toExponential(1)}, ` +
    `while the tolerance is ${tolerance}; absolute errors: ${bad.join(", ")}`;
  forces.warnings.push({ code: "rounding", text });
}

/** Largest absolute value of a list; 0 for an empty one. */
export function largest(list: Float64Array): number {
  let most = 0;
  for (let i = 0; i < list.length; i++) most = Math.max(most, Math.abs(list[i]));
  return most;
}
