// What a force calculation hands back: the integrals put in their places, absolute errors per quantity, certificates, warnings.

import { pairIndex, type SolverLimits } from "../scattering/point.js";
import type { Fillings } from "./fillings.js";
import type { ForceLayout } from "./layout.js";
import { leastEigenvalue } from "./small-matrix.js";

/** Matrices are row-major: friction[nu, nu'], currentPerVelocity[lead, nu]. Signs and units: CONVENTIONS.md. */
export interface Forces {
  directions: number;
  leads: string[];
  /** F_nu = -<dH/dX_nu>, the whole sea included. */
  force: Float64Array;
  /** F_nu(t) = F_nu - sum friction[nu, nu'] dX_nu'/dt: the full tensor, antisymmetric part included. */
  friction: Float64Array;
  /** <xi_nu xi_nu'> = noise[nu, nu'] delta(t - t'), symmetrised. */
  noise: Float64Array;
  /** Particle current into the device per lead, frozen (order 0). */
  current: Float64Array;
  /** The same per velocity (order 1). */
  currentPerVelocity: Float64Array;
  energyCurrent: Float64Array;
  energyCurrentPerVelocity: Float64Array;
  /** J^E_a - mu_a J_a, order 0. */
  heatCurrent: Float64Array;
  /** -sum_a J^Q_a / T_a; absent if a reservoir has T = 0. */
  entropyProduction?: number;
  /**
   * Per lead: what was given, or what a voltage probe settles at (an energy-resolved probe has neither: the mean of the
   * reservoirs stands in its place).
   */
  chemicalPotential: Float64Array;
  temperature: Float64Array;
  /** Largest error estimate, relative to the scale of its quantity (CONVENTIONS.md). Above the tolerance only with a warning. */
  error: number;
  /** Absolute error estimates, each for the largest element of its quantity, rounding included. */
  errors: ForceErrors;
  certificate: ForceCertificate;
  /** What a certificate or an error has to say. */
  warnings: string[];
  /** True if friction and currents per velocity are not known: a given S without A, at a bias. */
  withoutA?: boolean;
  /** Energies at which the device was solved, complex ones of the sea included. */
  evaluations: number;
  /** Linear response at the reservoir asked for, and its absolute errors: charges per lead, friction, conductance, bound (layout.ts). */
  response?: { values: Float64Array; errors: Float64Array };
}

export interface ForceErrors {
  force: number;
  friction: number;
  noise: number;
  current: number;
  energyCurrent: number;
  currentPerVelocity: number;
  energyCurrentPerVelocity: number;
}

export interface ForceCertificate {
  /** Largest max |S^+ S - 1| met. */
  unitarity: number;
  /** |sum_a J_a| relative to the largest |J_a| (0 without current). */
  chargeBalance: number;
  /** The same for the energy currents of order 0. */
  energyBalance: number;
  /** Least eigenvalue of the noise matrix: not negative but for rounding. */
  noisePositive: number;
  /** In equilibrium: max |D - 2 T gamma^s| relative to the largest element of D. */
  fluctuationDissipation?: number;
}

/** The sums over all contributions put in their places; certificates and warnings still empty. */
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
      const twist = i === j ? 0 : sums[at.lorentz + pairIndex(i, j, d)];
      friction[i * d + j] = sums[at.friction + pair] + twist;
      if (i !== j) friction[j * d + i] = sums[at.friction + pair] - twist;
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
    errors: {
      force: 0,
      friction: 0,
      noise: 0,
      current: 0,
      energyCurrent: 0,
      currentPerVelocity: 0,
      energyCurrentPerVelocity: 0,
    },
    certificate: { unitarity: 0, chargeBalance: 0, energyBalance: 0, noisePositive: 0 },
    warnings: [],
    evaluations: 0,
  };
  if (!temperature.includes(0))
    forces.entropyProduction = -heatCurrent.reduce((sum, flow, a) => sum + flow / temperature[a], 0);
  return forces;
}

/** Largest error of each quantity from the errors of the window integral. */
export function setErrors(forces: Forces, layout: ForceLayout, errors: Float64Array): void {
  const most = (from: number, to: number): number => {
    let value = 0;
    for (let i = from; i < to; i++) value = Math.max(value, errors[i]);
    return value;
  };
  const at = layout;
  const { errors: out } = forces;
  out.force = most(at.force, at.noise);
  out.noise = most(at.noise, at.friction);
  out.friction = most(at.friction, at.current);
  out.current = most(at.current, at.energyCurrent);
  out.energyCurrent = most(at.energyCurrent, at.currentPerVelocity);
  out.currentPerVelocity = most(at.currentPerVelocity, at.energyPerVelocity);
  out.energyCurrentPerVelocity = most(at.energyPerVelocity, at.delay);
}

/** Fills in the certificates of finished forces, and a warning for each that is broken; `equal`: all fillings the same. */
export function certify(forces: Forces, unitarity: number, equal: boolean, tolerance: number): void {
  const { certificate, warnings, errors, directions: d, noise, friction } = forces;
  const warn = (what: string, value: number, expected: string) =>
    warnings.push(`${what} ${value.toExponential(2)}; expected ${expected}`);
  certificate.unitarity = unitarity;
  if (unitarity > 1e-8) warn("unitarity of S is broken by", unitarity, "below 1e-8");

  for (const [key, flow, error] of [
    ["chargeBalance", forces.current, errors.current],
    ["energyBalance", forces.energyCurrent, errors.energyCurrent],
  ] as const) {
    const scale = largest(flow);
    const sum = Math.abs(flow.reduce((total, value) => total + value, 0));
    certificate[key] = scale > 0 ? sum / scale : 0;
    if (sum > 10 * tolerance * scale + flow.length * error)
      warn(`${key === "chargeBalance" ? "currents" : "energy currents"} do not sum to zero, by`, sum, "less");
  }

  const spread = largest(noise);
  certificate.noisePositive = leastEigenvalue(noise, d);
  if (certificate.noisePositive < -d * errors.noise - 1e-12 * spread)
    warn("the noise has the negative eigenvalue", certificate.noisePositive, "none");

  if (equal) {
    let defect = 0;
    const temperature = forces.temperature[0];
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        const symmetric = 0.5 * (friction[i * d + j] + friction[j * d + i]);
        defect = Math.max(defect, Math.abs(noise[i * d + j] - 2 * temperature * symmetric));
      }
    }
    certificate.fluctuationDissipation = spread > 0 ? defect / spread : 0;
    if (defect > 10 * tolerance * spread + errors.noise + 2 * temperature * errors.friction)
      warn("D - 2 T gamma is", defect, "zero in equilibrium");
  }
}

/** What a solver that knows S alone cannot give: said in words, and marked. */
export function leaveOut(forces: Forces, limits: SolverLimits, equal: boolean): void {
  const { warnings } = forces;
  if (!limits.sea)
    warnings.push(
      "force: a given S does not contain the filled sea; the conservative part at equal fillings is left out",
    );
  if (!limits.lorentz)
    warnings.push("friction: a given S does not contain the antisymmetric part, which is left out");
  if (limits.completeA || equal) return;
  forces.withoutA = true;
  warnings.push(
    "friction and currents per velocity at a bias need A, which the given S comes without: they are left out",
  );
}

/** A warning where rounding does not let the tolerance be met. */
export function warnOfRounding(forces: Forces, tolerance: number, where: string): void {
  if (forces.error <= tolerance) return;
  const bad = (Object.keys(forces.errors) as (keyof ForceErrors)[])
    .filter((key) => forces.errors[key] > tolerance * largest(forces[key]))
    .map((key) => `${key} (${forces.errors[key].toExponential(1)})`);
  forces.warnings.push(
    `rounding at ${where} leaves a relative error of ${forces.error.toExponential(1)}, asked for ${tolerance}; ` +
      `absolute errors of ${bad.join(", ")}`,
  );
}

export function largest(list: Float64Array): number {
  let most = 0;
  for (let i = 0; i < list.length; i++) most = Math.max(most, Math.abs(list[i]));
  return most;
}
