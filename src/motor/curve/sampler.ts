// All quantities of a curve over the turn at one angle: torque and its conservative part, friction,
// noise, currents to both orders, heat at rest, entropy production, chemical potentials, linear
// response. The sampler also records the largest errors, scales and certificates of all samples.
// Longer than most files: a sample holds everything at one angle in one vector, and its parts share
// their buffers.

import { InputError, NumericalError } from "../../base/errors.js";
import { evaluateCycleInto } from "../../model/cycle.js";
import { meanReservoir } from "../../model/reservoirs.js";
import type { Cycle, CycleFunction, Reservoir } from "../../model/types.js";
import { WarningList } from "../../model/warning.js";
import type { PointSolver } from "../../scattering/contract.js";
import { refuseDivergentTurn } from "../../transport/energy/divergence.js";
import { ForceCalculator } from "../../transport/forces/forces.js";
import { setScaleFloors } from "../../transport/forces/layout.js";
import type { Dephasing } from "../../transport/forces/options.js";
import type { Forces } from "../../transport/forces/result.js";
import { attainable, GIVEN_CAUSE, quantities } from "../../transport/forces/result.js";
import { SeaIntegrator, type SeaScale } from "../../transport/forces/sea/sea.js";

/** Largest tolerance of a sample, for one with a small share of the turn. */
const LOOSEST = 1e-2;

/** How the samples of a curve are computed. */
export interface SamplerOptions {
  tolerance: number;
  dephasing: Dephasing | undefined;
  /** Reservoir at which linear response is computed as well, if the same energies allow it. */
  response: Reservoir | undefined;
}

/** Samples all quantities at one angle after the other, and records their errors. */
export class TurnSampler {
  readonly solver: PointSolver;
  /** Reservoir of each lead; undefined for probes. */
  readonly reservoirs: readonly (Reservoir | undefined)[];
  /** The reservoirs of all leads that are not probes. */
  readonly given: readonly Reservoir[];
  readonly tolerance: number;
  readonly mean: Reservoir;
  /** Chemical potentials of cold reservoirs, without duplicates. */
  readonly cold: readonly number[];
  /** Reservoir of the linear response, if it is computed. */
  readonly responseAt: Reservoir | undefined;
  /**
   * Group of each judged component of a sample: torque, conservative torque, friction, noise, four
   * currents per lead, heat at rest.
   */
  readonly groupOf: readonly number[];
  /** Largest absolute error of the energy integrals, per group. */
  readonly errors = new Float64Array(quantities.length);
  /** Least scale, per group. */
  readonly floors = new Float64Array(quantities.length);
  /** Largest absolute errors of the energy integrals of linear response. */
  responseErrors = new Float64Array();
  /** Longest delay at the chemical potential of the linear response. */
  longestDelay = 0;
  /** Number of samples. */
  done = 0;
  /** Number of energies at which the device was solved. */
  evaluations = 0;
  unitarity = 0;
  readonly warnings = new WarningList();
  readonly #cycle: Cycle | CycleFunction;
  readonly #names: readonly string[];
  readonly #dephasing: Dephasing | undefined;
  readonly #values: Float64Array;
  readonly #tangent: Float64Array;
  readonly #calculator: ForceCalculator;
  readonly #sea: SeaIntegrator | undefined;
  readonly #seaScale: SeaScale = { force: new Float64Array(1), friction: 0 };
  readonly #floorsHere = new Float64Array(quantities.length);
  /** Largest scale of the force calculations, per group. */
  readonly #scalesMet = new Float64Array(quantities.length);
  /** Angle and energy of the largest error, per group. */
  readonly #worst: [number, number][] = quantities.map(() => [0, 0]);
  #last: Forces | undefined;
  /** The last error that `unknown` has made. */
  refusal: NumericalError | undefined;
  /** Results so far, which are handed over if the budget ends the work. */
  readonly #finished = { theta: [] as number[], torque: [] as number[], error: [] as number[] };

  /** `solver` has one direction, the tangent of the cycle. */
  constructor(
    solver: PointSolver,
    cycle: Cycle | CycleFunction,
    names: readonly string[],
    reservoirs: readonly (Reservoir | undefined)[],
    { tolerance, dephasing, response }: SamplerOptions,
  ) {
    this.solver = solver;
    this.#cycle = cycle;
    this.#names = names;
    this.reservoirs = reservoirs;
    this.tolerance = tolerance;
    this.#dephasing = dephasing;
    this.#values = new Float64Array(names.length);
    this.#tangent = new Float64Array(names.length);
    this.configure(0);
    const given = reservoirs.filter((reservoir) => reservoir !== undefined);
    this.given = given;
    this.mean = meanReservoir(given);
    const probed = given.length < solver.leads.length;
    const warm = !probed && given.every(({ temperature }) => temperature > 0);
    // The same energies also tell the conservative torque. At T = 0 this takes a further step inside
    // the window, which is worth it unless an integral over the sea is cheaper still.
    const cold = !probed && given.every(({ temperature }) => temperature === 0);
    const shared = (warm || (cold && !solver.cheapTraces)) && !solver.limits;
    // The errors of a given S are known for what is judged, not for linear response.
    this.responseAt = warm && !solver.limits ? response : undefined;
    const equal = given.every(
      ({ chemicalPotential: mu, temperature: t }) =>
        mu === given[0].chemicalPotential && t === given[0].temperature,
    );
    if (!equal) this.#sea = new SeaIntegrator(solver);
    this.#calculator = new ForceCalculator(solver, {
      response: this.responseAt,
      equilibrium: shared && !equal ? this.mean : undefined,
      following: true,
      throughDivergences: true,
    });
    // A curve is resolved first; its last digits are computed afterwards in higher precision.
    this.#calculator.refines = false;
    this.cold = [
      ...new Set(
        given.flatMap((reservoir) => (reservoir.temperature === 0 ? [reservoir.chemicalPotential] : [])),
      ),
    ];
    const perLead = solver.leads.map(() => 0);
    // The heat at rest shares the scale of the energy currents.
    this.groupOf = [0, 0, 2, 1, ...[3, 4, 5, 6].flatMap((group) => perLead.map(() => group)), 4];
  }

  /**
   * Indices, after the judged components, of the entropy production, the leads' chemical potentials
   * and the linear response, and of the errors of the energy integrals (one per group, then one per
   * component of the linear response).
   */
  get places(): { entropy: number; potentials: number; response: number; errors: number } {
    const entropy = this.groupOf.length;
    const response = entropy + 1 + this.solver.leads.length;
    return {
      entropy,
      potentials: entropy + 1,
      response,
      errors: response + (this.responseAt ? this.solver.leads.length + 3 : 0),
    };
  }

  /**
   * Whether quantities that rounding keeps from the tolerance are computed again in higher
   * precision.
   */
  get refines(): boolean {
    return this.#calculator.refines;
  }

  set refines(refines: boolean) {
    this.#calculator.refines = refines;
  }

  /** Whether the device has probes that settle at a chemical potential. */
  get settles(): boolean {
    return this.#dephasing !== "energy-resolved" && this.solver.probes.includes(true);
  }

  /** Whether the last sample has an entropy production. */
  get knowsEntropy(): boolean {
    return this.#last?.entropyProduction !== undefined;
  }

  /** Configures the solver at an angle, with the tangent of the cycle. */
  configure(theta: number): void {
    evaluateCycleInto(this.#cycle, this.#names, theta, this.#values, this.#tangent);
    this.solver.configure(this.#values, this.#tangent);
  }

  /**
   * Throws NumericalError if a quantity diverges at all trial angles, because its integral over the
   * turn then diverges as well.
   */
  refuseDivergent(): void {
    refuseDivergentTurn(
      (theta) => {
        this.configure(theta);
        const { tolerance } = this;
        return this.#calculator.divergences(this.reservoirs, { tolerance, dephasing: this.#dephasing });
      },
      (group) => quantities[group],
      () => this.parameters,
    );
  }

  /** Tells the budget what is known so far: the finished angles with their torques and errors. */
  #handOver(theta: number, { force, errors }: Forces): void {
    const { theta: angles, torque, error } = this.#finished;
    angles.push(theta);
    torque.push(force[0]);
    error.push(errors.force);
    const { budget } = this.solver;
    if (budget) budget.known = this.#finished;
  }

  /** Values of the parameters at the current angle. */
  get parameters(): Record<string, number> {
    return Object.fromEntries(this.#names.map((name, nu) => [name, this.#values[nu]]));
  }

  /**
   * All quantities at an angle, in the order of `groupOf` and `places`. The errors of a sample with
   * a small share of the turn may be larger by the factor `looseness`.
   */
  sample(theta: number, looseness = 1): Float64Array {
    this.configure(theta);
    const tolerance = Math.min(0.5 * this.tolerance * looseness, Math.max(LOOSEST, this.tolerance));
    this.#calculator.place = () => ({ at: this.parameters, angle: ` at theta = ${theta}` });
    const forces = this.#calculator.compute(this.reservoirs, { tolerance, dephasing: this.#dephasing });
    if (forces.withoutA)
      throw new InputError(
        "device.scattering",
        "the motor at a bias needs A, which is not given beside this S",
        {
          expected: "A beside S, or equal reservoirs",
          found: "S alone",
        },
      );
    this.#last = forces;
    this.evaluations += forces.evaluations;
    this.unitarity = Math.max(this.unitarity, forces.certificate.unitarity);
    // Rounding that spoils an angle on its own scale is judged on the scale of the turn. The error
    // of a loose sample counts with its share of the turn.
    if (looseness === 1) this.#handOver(theta, forces);
    if (looseness === 1)
      for (const warning of forces.warnings) if (warning.code !== "rounding") this.warnings.add(warning);
    for (const [g, group] of quantities.entries()) {
      this.#scalesMet[g] = Math.max(this.#scalesMet[g], forces.scales[group]);
      const error = forces.errors[group] / looseness;
      if (error <= this.errors[g]) continue;
      this.errors[g] = error;
      this.#worst[g] = [theta, forces.worst];
    }
    this.#raiseFloors();
    const conservative = this.#conservative(forces, tolerance);
    this.done++;
    if (this.responseAt && forces.response)
      this.#noteResponse(this.responseAt.chemicalPotential, forces.response.errors, looseness);
    return Float64Array.of(
      forces.force[0],
      conservative,
      forces.friction[0],
      forces.noise[0],
      ...forces.current,
      ...forces.energyCurrent,
      ...forces.currentPerVelocity,
      ...forces.energyCurrentPerVelocity,
      -forces.heatCurrent.reduce((sum, heat) => sum + heat, 0),
      forces.entropyProduction ?? 0,
      ...forces.chemicalPotential,
      ...(forces.response?.values ?? []),
      ...quantities.map((quantity) => forces.errors[quantity]),
      ...(forces.response?.errors ?? []),
    );
  }

  /** Torque of the sea in equilibrium at the mean reservoir. */
  #conservative({ force, equilibriumForce }: Forces, tolerance: number): number {
    if (equilibriumForce) return equilibriumForce[0];
    if (!this.#sea) return force[0];
    this.#seaScale.force[0] = Math.abs(force[0]);
    const { chemicalPotential, temperature } = this.mean;
    const sea = this.#sea.compute(chemicalPotential, temperature, tolerance, this.#seaScale);
    this.evaluations += sea.evaluations;
    return sea.force[0];
  }

  /** Records the errors of linear response, and the delay at its chemical potential. */
  #noteResponse(energy: number, errors: Float64Array, looseness: number): void {
    if (this.responseErrors.length === 0) this.responseErrors = new Float64Array(errors.length);
    for (const [i, error] of errors.entries())
      this.responseErrors[i] = Math.max(this.responseErrors[i], error / looseness);
    const { dSdE, channels, unitarityDefect } = this.solver.solve(energy, { energyDerivative: true });
    let square = 0;
    for (let i = 0; i < 2 * channels * channels; i++) square += dSdE[i] * dSdE[i];
    this.longestDelay = Math.max(this.longestDelay, Math.sqrt(square));
    this.unitarity = Math.max(this.unitarity, unitarityDefect);
  }

  /** Raises the least scales of error to those of the force calculation at this angle. */
  #raiseFloors(): void {
    const { solver } = this;
    const [low, high] = this.span(4);
    setScaleFloors(this.#floorsHere, solver.lambdaScale(), solver.energyScale(), Math.max(high - low, 0));
    for (const [g, floor] of this.#floorsHere.entries()) this.floors[g] = Math.max(this.floors[g], floor);
  }

  /** The range from the lowest to the highest chemical potential, extended by `reach` times T. */
  span(reach: number): [low: number, high: number] {
    return [
      Math.min(...this.given.map((r) => r.chemicalPotential - reach * r.temperature)),
      Math.max(...this.given.map((r) => r.chemicalPotential + reach * r.temperature)),
    ];
  }

  /** Numbers of levels below the cold chemical potentials at the current angle. */
  levelsBelow(): number[] {
    return this.cold.map((mu) => this.solver.eigenvaluesBelow(mu));
  }

  /**
   * The angle between `start` and `start + width` at which the number of levels below mu is no
   * longer `count`, by bisection.
   */
  crossing(mu: number, count: number, start: number, width: number, steps: number): number {
    let [low, high] = [start, start + width];
    for (let step = 0; step < steps; step++) {
      const middle = 0.5 * (low + high);
      this.configure(middle);
      if (this.solver.eigenvaluesBelow(mu) === count) low = middle;
      else high = middle;
    }
    return 0.5 * (low + high);
  }

  /** Discards the records of all samples so far. */
  forget(): void {
    this.errors.fill(0);
    this.#scalesMet.fill(0);
    this.unitarity = 0;
    this.warnings.clear();
    this.responseErrors = new Float64Array();
    this.longestDelay = 0;
    this.done = 0;
  }

  /** Scale of each group, from the largest values of the components. */
  scales(largest: ArrayLike<number>): Float64Array {
    const scales = this.floors.slice();
    for (const [i, group] of this.groupOf.entries()) scales[group] = Math.max(scales[group], largest[i]);
    return scales;
  }

  /**
   * Allowed interpolation error per group: the tolerance plus a multiple of the error of the energy
   * integrals.
   */
  allowed(scales: Float64Array): Float64Array {
    return scales.map((scale, g) => this.tolerance * scale + 4 * this.errors[g]);
  }

  /** Largest error of the energy integrals, relative to the scales of the turn, and its group. */
  integralError(scales: Float64Array): { relative: number; group: number } {
    const largest = { relative: 0, group: 0 };
    for (const [group, error] of this.errors.entries()) {
      const scale = Math.max(scales[group], this.#scalesMet[group]);
      if (error > largest.relative * scale) Object.assign(largest, { relative: error / scale, group });
    }
    return largest;
  }

  /** The error to throw if a group is known only to the given relative error. */
  unknown(relative: number, group: number): NumericalError {
    const [theta, energy] = this.#worst[group];
    this.configure(theta);
    this.refusal = new NumericalError(
      `${quantities[group]} is known to ${relative.toExponential(1)} of its scale at theta = ${theta}; the tolerance is ${this.tolerance}`,
      {
        energy,
        at: this.parameters,
        causes: [
          ...attainable(relative),
          this.solver.limits
            ? GIVEN_CAUSE
            : "a resonance too narrow for the digits of energies: widen it (a stronger coupling to a lead), or raise the temperature",
        ],
        known: this.#finished.theta.length > 0 ? { ...this.#finished } : undefined,
      },
    );
    return this.refusal;
  }
}
