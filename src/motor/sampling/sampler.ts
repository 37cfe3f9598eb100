// All quantities of a curve over the turn at many angles: torque and its conservative part, friction,
// noise, currents to both orders, heat at rest, entropy production, chemical potentials, linear
// response. The sampler has the angles computed (angle.ts), by a crew as well, and records the largest
// errors, scales and certificates of all samples.
// Longer than most files: a sample holds everything at one angle in one vector, and its parts share
// their buffers.

import { NumericalError } from "../../base/errors.js";
import { evaluateCycleInto } from "../../model/cycle.js";
import type { Cycle, CycleFunction, Reservoir } from "../../model/types.js";
import { WarningList } from "../../model/warning.js";
import type { Trail } from "../../numerics/quadrature/trail.js";
import type { PointSolver } from "../../scattering/contract.js";
import { refuseDivergentTurn } from "../../transport/energy/divergence.js";
import type { Dephasing } from "../../transport/forces/options.js";
import type { Forces } from "../../transport/forces/result.js";
import { attainable, GIVEN_CAUSE, quantities } from "../../transport/forces/result.js";
import { type Crew, type CrewJob, inOrder } from "../../transport/tasks/crew.js";
import { AngleMeter, type AngleResult, type AngleTask, angleSetting } from "./angle.js";

/** Largest tolerance of a sample, for one with a small share of the turn. */
const LOOSEST = 1e-2;

/** How the samples of a curve are computed. */
export interface SamplerOptions {
  tolerance: number;
  dephasing: Dephasing | undefined;
  /** Reservoir at which linear response is computed as well, if the same energies allow it. */
  response: Reservoir | undefined;
  /** Threads that take angles as well. */
  crew?: Crew;
}

/** A request for a sample. */
export interface AngleRequest {
  theta: number;
  /** Factor by which the errors may be larger, for a small share of the turn; default 1. */
  looseness?: number;
  /** The trail of a sample nearby. */
  after?: Trail;
}

/** A sample, and what the next ones nearby can use. */
export interface Sample {
  /** All quantities, in the order of `groupOf` and `places`. */
  values: Float64Array;
  /** Numbers of levels below the cold chemical potentials. */
  levels: number[];
  trail: Trail;
}

/** Samples all quantities at many angles, and records their errors. */
export class TurnSampler {
  readonly solver: PointSolver;
  readonly tolerance: number;
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
  readonly #values: Float64Array;
  readonly #tangent: Float64Array;
  readonly #meter: AngleMeter;
  readonly #crew: Crew | undefined;
  readonly #job: CrewJob;
  /** Largest scale of the force calculations, per group. */
  readonly #scalesMet = new Float64Array(quantities.length);
  /** Angle and energy of the largest error, per group. */
  readonly #worst: [number, number][] = quantities.map(() => [0, 0]);
  /**
   * Whether quantities that rounding keeps from the tolerance are computed again in higher
   * precision. A curve is resolved first; its last digits are computed afterwards.
   */
  refines = false;
  /** Whether the last sample has an entropy production. */
  knowsEntropy = false;
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
    { tolerance, dephasing, response, crew }: SamplerOptions,
  ) {
    this.solver = solver;
    this.#cycle = cycle;
    this.#names = names;
    this.tolerance = tolerance;
    this.#values = new Float64Array(names.length);
    this.#tangent = new Float64Array(names.length);
    this.configure(0);
    const setting = angleSetting(solver, reservoirs, dephasing, response);
    this.#meter = new AngleMeter(solver, names, setting);
    this.#crew = crew;
    this.#job = { kind: "angles", setting };
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

  /** Reservoir of each lead; undefined for probes. */
  get reservoirs(): readonly (Reservoir | undefined)[] {
    return this.#meter.setting.reservoirs;
  }

  /** The reservoirs of all leads that are not probes. */
  get given(): readonly Reservoir[] {
    return this.#meter.given;
  }

  get mean(): Reservoir {
    return this.#meter.mean;
  }

  /** Chemical potentials of cold reservoirs, without duplicates. */
  get cold(): readonly number[] {
    return this.#meter.cold;
  }

  /** Reservoir of the linear response, if it is computed. */
  get responseAt(): Reservoir | undefined {
    return this.#meter.setting.response;
  }

  /** Whether the device has probes that settle at a chemical potential. */
  get settles(): boolean {
    return this.#meter.setting.dephasing !== "energy-resolved" && this.solver.probes.includes(true);
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
        return this.#meter.divergences(this.tolerance);
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

  /** A single sample. */
  sample(request: AngleRequest): Sample {
    return this.samples([request])[0];
  }

  /** Samples in the order of the requests. `done` is called after each. */
  samples(requests: readonly AngleRequest[], done: () => void = () => {}): Sample[] {
    const samples: Sample[] = [];
    inOrder(
      this.solver,
      this.#crew,
      this.#job,
      requests.map((request) => this.#task(request)),
      (task: AngleTask) => this.#meter.measure(task),
      (result: AngleResult, k) => {
        const { theta, looseness = 1 } = requests[k];
        samples.push(this.#recorded(theta, looseness, result));
        done();
      },
    );
    return samples;
  }

  #task({ theta, looseness = 1, after }: AngleRequest): AngleTask {
    const [values, tangent] = [new Float64Array(this.#names.length), new Float64Array(this.#names.length)];
    evaluateCycleInto(this.#cycle, this.#names, theta, values, tangent);
    const tolerance = Math.min(0.5 * this.tolerance * looseness, Math.max(LOOSEST, this.tolerance));
    return { theta, values, tangent, tolerance, refines: this.refines, after };
  }

  /** Records what was found at an angle, and makes the sample of it. */
  #recorded(theta: number, looseness: number, found: AngleResult): Sample {
    const { forces, conservativeTorque, levels, trail } = found;
    this.knowsEntropy = forces.entropyProduction !== undefined;
    this.evaluations += found.evaluations;
    this.unitarity = Math.max(this.unitarity, forces.certificate.unitarity);
    // Rounding that spoils an angle on its own scale is judged on the scale of the turn. The error
    // of a loose sample counts with its share of the turn.
    if (looseness === 1) this.#handOver(theta, forces);
    if (looseness === 1)
      for (const warning of forces.warnings) if (warning.code !== "rounding") this.warnings.add(warning);
    for (const [g, group] of quantities.entries()) {
      this.floors[g] = Math.max(this.floors[g], found.floors[g]);
      this.#scalesMet[g] = Math.max(this.#scalesMet[g], forces.scales[group]);
      const error = forces.errors[group] / looseness;
      if (error <= this.errors[g]) continue;
      this.errors[g] = error;
      this.#worst[g] = [theta, forces.worst];
    }
    this.done++;
    if (found.response && forces.response)
      this.#noteResponse(found.response, forces.response.errors, looseness);
    const values = Float64Array.of(
      forces.force[0],
      conservativeTorque,
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
    return { values, levels, trail };
  }

  /** Records the errors of linear response, and the delay at its chemical potential. */
  #noteResponse(
    { delay, unitarityDefect }: NonNullable<AngleResult["response"]>,
    errors: Float64Array,
    looseness: number,
  ): void {
    if (this.responseErrors.length === 0) this.responseErrors = new Float64Array(errors.length);
    for (const [i, error] of errors.entries())
      this.responseErrors[i] = Math.max(this.responseErrors[i], error / looseness);
    this.longestDelay = Math.max(this.longestDelay, delay);
    this.unitarity = Math.max(this.unitarity, unitarityDefect);
  }

  /** The range from the lowest to the highest chemical potential, extended by `reach` times T. */
  span(reach: number): [low: number, high: number] {
    return this.#meter.span(reach);
  }

  /** Numbers of levels below the cold chemical potentials at the current angle. */
  levelsBelow(): number[] {
    return this.#meter.levelsBelow();
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
