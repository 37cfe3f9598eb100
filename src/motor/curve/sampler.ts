// Everything that a curve over the turn consists of, at one angle: torque and its conservative
// part, friction, noise, currents to both orders, frozen heat, entropy production, chemical
// potentials, linear response; and the largest errors, scales and certificates met on the way.
// Longer than most files: a sample is everything at one angle, in one vector, and its parts share
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
import { attainable, quantities } from "../../transport/forces/result.js";
import { SeaIntegrator, type SeaScale } from "../../transport/forces/sea/sea.js";

/** Loosest tolerance of a sample that stands for little. */
const LOOSEST = 1e-2;

export interface SamplerOptions {
  tolerance: number;
  dephasing: Dephasing | undefined;
  /** Also linear response at this reservoir, where it can be had on the same energies. */
  response: Reservoir | undefined;
}

export class TurnSampler {
  readonly solver: PointSolver;
  /** Per lead, undefined for probes; and those that are given. */
  readonly reservoirs: readonly (Reservoir | undefined)[];
  readonly given: readonly Reservoir[];
  readonly tolerance: number;
  readonly mean: Reservoir;
  /** Chemical potentials of cold reservoirs, without duplicates. */
  readonly cold: readonly number[];
  /** Where linear response is taken, if it is. */
  readonly responseAt: Reservoir | undefined;
  /**
   * Group of each component of a sample: torque, conservative torque, friction, noise, four
   * currents per lead, frozen heat.
   */
  readonly groupOf: readonly number[];
  /** Largest absolute error estimate of the integrals, per group. */
  readonly errors = new Float64Array(quantities.length);
  /** Least scale per group. */
  readonly floors = new Float64Array(quantities.length);
  /** Largest absolute errors of linear response's integrals over energy, and its longest delay. */
  responseErrors = new Float64Array();
  longestDelay = 0;
  /** Samples taken, energies at which the device was solved. */
  done = 0;
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
  /** The largest scale of the force calculations. */
  readonly #scalesMet = new Float64Array(quantities.length);
  /** Angle and energy of the largest error. */
  readonly #worst: [number, number][] = quantities.map(() => [0, 0]);
  #last: Forces | undefined;
  /** The error of `unknown`. */
  refusal: NumericalError | undefined;
  /** What is handed over where a budget ends the work. */
  readonly #finished = { theta: [] as number[], torque: [] as number[], error: [] as number[] };

  /** `solver`: one direction, the tangent of the cycle. */
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
    const warm = given.length === solver.leads.length && given.every(({ temperature }) => temperature > 0);
    this.responseAt = warm ? response : undefined;
    const equal = given.every(
      ({ chemicalPotential: mu, temperature: t }) =>
        mu === given[0].chemicalPotential && t === given[0].temperature,
    );
    if (!equal) this.#sea = new SeaIntegrator(solver);
    this.#calculator = new ForceCalculator(solver, {
      response: this.responseAt,
      equilibrium: warm && !equal && !solver.limits ? this.mean : undefined,
      following: true,
      throughDivergences: true,
    });
    // A curve is resolved first, its last digits are looked for afterwards.
    this.#calculator.refines = false;
    this.cold = [
      ...new Set(
        given.flatMap((reservoir) => (reservoir.temperature === 0 ? [reservoir.chemicalPotential] : [])),
      ),
    ];
    const perLead = solver.leads.map(() => 0);
    // Frozen heat shares the energy currents' scale.
    this.groupOf = [0, 0, 2, 1, ...[3, 4, 5, 6].flatMap((group) => perLead.map(() => group)), 4];
  }

  /**
   * Where behind the judged components entropy production, the leads' chemical potentials and
   * linear response stand, and the errors of the integrals over energy: one per group, then one per
   * component of linear response.
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

  /** Whether what rounding takes is looked for in higher precision. */
  get refines(): boolean {
    return this.#calculator.refines;
  }

  set refines(refines: boolean) {
    this.#calculator.refines = refines;
  }

  /** Whether there are probes that each settle at a chemical potential of their own. */
  get settles(): boolean {
    return this.#dephasing !== "energy-resolved" && this.solver.probes.includes(true);
  }

  /** Whether the last sample knows its entropy production. */
  get knowsEntropy(): boolean {
    return this.#last?.entropyProduction !== undefined;
  }

  configure(theta: number): void {
    evaluateCycleInto(this.#cycle, this.#names, theta, this.#values, this.#tangent);
    this.solver.configure(this.#values, this.#tangent);
  }

  /**
   * Throws NumericalError where a quantity diverges at all angles: its integral over the turn does,
   * then.
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

  /**
   * Leaves with the budget what is known so far: the angles that are finished, their torques and
   * the errors of these.
   */
  #handOver(theta: number, { force, errors }: Forces): void {
    const { budget } = this.solver;
    if (!budget) return;
    const { theta: angles, torque, error } = this.#finished;
    angles.push(theta);
    torque.push(force[0]);
    error.push(errors.force);
    budget.known = this.#finished;
  }

  /** Values of the parameters at the angle in force. */
  get parameters(): Record<string, number> {
    return Object.fromEntries(this.#names.map((name, nu) => [name, this.#values[nu]]));
  }

  /**
   * All quantities, in the order of `groupOf` and `places`. `looseness`: by how much its errors may
   * be larger, for what little it stands for.
   */
  sample(theta: number, looseness = 1): Float64Array {
    this.configure(theta);
    const tolerance = Math.min(0.5 * this.tolerance * looseness, Math.max(LOOSEST, this.tolerance));
    const forces = this.#calculator.compute(this.reservoirs, { tolerance, dephasing: this.#dephasing });
    if (forces.withoutA)
      throw new InputError("device.scattering", "the motor at a bias needs A, which this S comes without", {
        expected: "A beside S, or equal reservoirs",
        found: "S alone",
      });
    this.#last = forces;
    this.evaluations += forces.evaluations;
    this.unitarity = Math.max(this.unitarity, forces.certificate.unitarity);
    // What rounding leaves open on an angle's own scale is judged on that of the turn; a loose
    // sample has its error counted by its share of the turn.
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

  #conservative({ force, equilibriumForce }: Forces, tolerance: number): number {
    if (equilibriumForce) return equilibriumForce[0];
    if (!this.#sea) return force[0];
    this.#seaScale.force[0] = Math.abs(force[0]);
    const { chemicalPotential, temperature } = this.mean;
    const sea = this.#sea.compute(chemicalPotential, temperature, tolerance, this.#seaScale);
    this.evaluations += sea.evaluations;
    return sea.force[0];
  }

  /** Errors of linear response, and the delay at its chemical potential. */
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

  /** Least scales of error, as the force calculation has them at this angle. */
  #raiseFloors(): void {
    const { solver } = this;
    const [low, high] = this.span(4);
    setScaleFloors(this.#floorsHere, solver.lambdaScale(), solver.energyScale(), Math.max(high - low, 0));
    for (const [g, floor] of this.#floorsHere.entries()) this.floors[g] = Math.max(this.floors[g], floor);
  }

  /** From the lowest to the highest chemical potential, and so many times T beyond. */
  span(reach: number): [low: number, high: number] {
    return [
      Math.min(...this.given.map((r) => r.chemicalPotential - reach * r.temperature)),
      Math.max(...this.given.map((r) => r.chemicalPotential + reach * r.temperature)),
    ];
  }

  /** Levels below the cold chemical potentials at the angle in force. */
  levelsBelow(): number[] {
    return this.cold.map((mu) => this.solver.eigenvaluesBelow(mu));
  }

  /**
   * The angle after `start` where the number of levels below mu stops being `count`, by bisection.
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

  /** Of samples so far nothing counts any more. */
  forget(): void {
    this.errors.fill(0);
    this.#scalesMet.fill(0);
    this.unitarity = 0;
    this.warnings.clear();
    this.responseErrors = new Float64Array();
    this.longestDelay = 0;
    this.done = 0;
  }

  /** Scale of each group from the largest values of the components. */
  scales(largest: ArrayLike<number>): Float64Array {
    const scales = this.floors.slice();
    for (const [i, group] of this.groupOf.entries()) scales[group] = Math.max(scales[group], largest[i]);
    return scales;
  }

  /**
   * Below this a group's interpolation error does not matter: the tolerance, and what the integrals
   * leave open.
   */
  allowed(scales: Float64Array): Float64Array {
    return scales.map((scale, g) => this.tolerance * scale + 4 * this.errors[g]);
  }

  /** Largest error of the integrals over energy, on the scales of the turn, and its group. */
  integralError(scales: Float64Array): { relative: number; group: number } {
    const largest = { relative: 0, group: 0 };
    for (const [group, error] of this.errors.entries()) {
      const scale = Math.max(scales[group], this.#scalesMet[group]);
      if (error > largest.relative * scale) Object.assign(largest, { relative: error / scale, group });
    }
    return largest;
  }

  /** What to throw where a group is known to that relative error only. */
  unknown(relative: number, group: number): NumericalError {
    const [theta, energy] = this.#worst[group];
    this.configure(theta);
    this.refusal = new NumericalError(
      `${quantities[group]} is known to ${relative.toExponential(1)} of its scale at theta = ${theta}, asked for ${this.tolerance}`,
      {
        energy,
        at: this.parameters,
        causes: [
          ...attainable(relative),
          "a resonance too narrow for the digits of energies: widen it (a stronger coupling to a lead), or raise the temperature",
        ],
      },
    );
    return this.refusal;
  }
}
