// What the electrons do to the angle over a turn, at any reservoirs: torque (and its conservative part), friction, noise, currents of charge
// and energy to order 0 and 1 in the speed, as trigonometric interpolants that hold to the asked tolerance between the angles, too.
//
// Equispaced angles, doubled until the last harmonics have fallen below the tolerance (exponentially, for a smooth cycle; half of a grid's new angles
// may do: interleaved.ts); then the interpolant is
// tried at angles that are not on the grid: some spread over the turn, and, for reservoirs at T = 0, every angle where a level crosses their
// chemical potential (levels are counted at all angles), so that no resonance hides between two angles. Where it fails, doubling goes on.
// A symmetric device may be exceptional at the very angles of the grid (a level that loses its coupling at one angle: the curves have limits
// there, but the value at it is another). Where a few hundred angles do not resolve the curves a grid turned by a fifth of a step is taken,
// which keeps off all halves, quarters and thirds of the turn however often it is doubled.
// Where a bound state joins or leaves a band (the number of levels below the band's edge changes) the curves have kinks: then the turn goes by
// panels (turn-panels.ts). The integrals over the turn keep the
// tolerance, the interpolants have what a uniform grid can give, and the result says so.
// Cost: one ForceCalculator.compute per angle, at all (or three quarters of the) angles of the final grid and at those tried.

import { evaluateCycleInto } from "../model/cycle.js";
import { InputError, NumericalError } from "../model/errors.js";
import type { Cycle, CycleFunction, Reservoir } from "../model/types.js";
import type { PointSolver } from "../scattering/point.js";
import { SeaIntegrator, type SeaScale } from "../transport/equilibrium.js";
import { fermi } from "../transport/fermi.js";
import { attainable, isOfRounding } from "../transport/force-result.js";
import { type Dephasing, ForceCalculator, type ForceErrors, type Forces } from "../transport/forces.js";
import { setScaleFloors } from "../transport/layout.js";
import type { TurnIntegrals } from "../transport/pump.js";
import { fourthGrid } from "./interleaved.js";
import { equispacedAngles, PeriodicCurve } from "./periodic.js";
import type { RotorCurve } from "./rotor.js";
import { TurnPanels } from "./turn-panels.js";

export interface TurnCurveOptions {
  /** Asked error of every curve, relative to its largest value (currents: that of any lead); default 1e-8. */
  tolerance?: number;
  /** What probes do; default "voltage". */
  dephasing?: Dephasing;
  /** Also integrates linear response at this reservoir over the turn, where it can be had on the same energies: see the builder's `response`. */
  response?: Reservoir;
  /** Told the angles done and the number now aimed at. */
  progress?: (done: number, total: number) => void;
}

/** Energies in the model's unit, angles in radians; signs of CONVENTIONS.md. Lists are by lead, probes included. */
export interface TurnCurve extends RotorCurve {
  /** Angles of the grid that the curves are known on. */
  theta: Float64Array;
  /** Torque of the sea in equilibrium at the mean chemical potential and temperature of the reservoirs: its turn average vanishes. */
  conservativeTorque: PeriodicCurve;
  noise: PeriodicCurve;
  leads: string[];
  probes: boolean[];
  /** Of the reservoirs; a probe's is the mean over the turn of where it settles. */
  chemicalPotential: Float64Array;
  temperature: Float64Array;
  /** Particle currents into the device at rest, and what an angular speed of one adds. */
  current: PeriodicCurve[];
  currentPerVelocity: PeriodicCurve[];
  energyCurrent: PeriodicCurve[];
  energyCurrentPerVelocity: PeriodicCurve[];
  /** Entropy produced at rest per time; absent if a reservoir has T = 0. */
  entropyProduction?: PeriodicCurve;
  /** Heat -sum_a (J^E_a - mu_a J_a) given to all leads at rest per time (probes at their own potentials). */
  frozenHeat: PeriodicCurve;
  /** Largest error over all curves, interpolation and energy integrals, each relative to its scale (CONVENTIONS.md). */
  error: number;
  /** Absolute errors of the curves between the angles, by quantity (torque: `force`). */
  errors: ForceErrors;
  /** Error of the integrals over the turn, relative as `error`; given where the curves have kinks and it is smaller. */
  integralError?: number;
  unitarity: number;
  warnings: string[];
  /** Energies at which the device was solved. */
  evaluations: number;
}

const TURN = 2 * Math.PI;
const FEWEST = 16;
const MOST = 4096;
/** Angles after which a grid that does not resolve the curves is given up for the turned one, and how far that is turned, in steps of the first grid. */
const PLAIN = 256;
const TURNED = 1 / 5;
/** Angles off the grid at which the interpolant is tried; the golden ratio keeps them apart and off every grid. */
const TRIALS = 5;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Margin of the harmonics that are still to come. */
const LIKELY = 10;
/** Error in units of the tolerance from which a curve is given up before it is resolved. */
const HOPELESS = 10;
/** Bisections towards an angle where a level crosses a chemical potential, and towards a kink. */
const CROSSING_STEPS = 14;
const KINK_STEPS = 50;
/** Errors of the integrals by panels up to this many tolerances are a warning, beyond a failure. */
const MISSED = 10;
/** Distance from a band edge, in parts of the energies' scale, at which levels are counted for a kink. */
const INWARD = 1e-14;
/** Thermal energies around the chemical potentials within which a band edge makes kinks. */
const THERMAL = 40;
/** Panels shorter than FULL are sampled to the tolerance times FULL / length: beside a singularity energies are known to rounding only. */
const FULL = 0.01;
const LOOSEST = 1e-2;
/** Angles of the interpolants where the turn went by panels, and how much finer they are held against the panels. */
const UNIFORM = 1024;
const FINER = 2;

/** The groups of quantities that share a scale, in the order of layout.ts. */
const groups: (keyof ForceErrors)[] = [
  "force",
  "noise",
  "friction",
  "current",
  "energyCurrent",
  "currentPerVelocity",
  "energyCurrentPerVelocity",
];

/** One computation of a curve; owns its calculator and samples. */
export class TurnCurveBuilder {
  readonly #solver: PointSolver;
  readonly #cycle: Cycle | CycleFunction;
  readonly #names: readonly string[];
  readonly #reservoirs: readonly (Reservoir | undefined)[];
  readonly #tolerance: number;
  readonly #dephasing: Dephasing | undefined;
  readonly #progress: (done: number, total: number) => void;
  readonly #values: Float64Array;
  readonly #tangent: Float64Array;
  readonly #calculator: ForceCalculator;
  readonly #sea: SeaIntegrator | undefined;
  readonly #seaScale: SeaScale = { force: new Float64Array(1), friction: 0 };
  readonly #mean: Reservoir;
  /** Chemical potentials of cold reservoirs, without duplicates. */
  readonly #cold: number[];
  /** Group of each component of a sample. */
  readonly #groupOf: number[];
  /** One vector per angle of the grid, and the levels below the cold chemical potentials there. */
  #samples: Float64Array[] = [];
  /** Whether every fourth of them comes from the others. */
  #filled = false;
  #levels: number[][] = [];
  /** Largest absolute error estimate of the integrals, per group. */
  readonly #errors = new Float64Array(groups.length);
  /** Least scale per group, and the largest scale of the force calculations. */
  readonly #floors = new Float64Array(groups.length);
  readonly #floorsHere = new Float64Array(groups.length);
  readonly #scalesMet = new Float64Array(groups.length);
  /** Angle and energy of that largest error. */
  readonly #worst: [number, number][] = groups.map(() => [0, 0]);
  /** What was thrown because of it. */
  #refusal: NumericalError | undefined;
  /** First angle of the grid. */
  #start = 0;
  /** If the turn went by panels (the samples are then taken from them): errors of the integrals per component. */
  #panelErrors: Float64Array | undefined;
  #done = 0;
  #evaluations = 0;
  #unitarity = 0;
  readonly #warnings = new Set<string>();
  #last: Forces | undefined;
  readonly #responseAt: Reservoir | undefined;
  /** Largest absolute errors of linear response's integrals over energy, and the samples off the grid to hold its interpolants against. */
  #responseErrors = new Float64Array();
  readonly #tried: [theta: number, sample: Float64Array][] = [];
  #longestDelay = 0;

  /** `solver`: one direction, the tangent of the cycle; `reservoirs`: per lead, undefined for probes. */
  constructor(
    solver: PointSolver,
    cycle: Cycle | CycleFunction,
    names: readonly string[],
    reservoirs: readonly (Reservoir | undefined)[],
    { tolerance = 1e-8, dephasing, response, progress = () => {} }: TurnCurveOptions = {},
  ) {
    this.#solver = solver;
    this.#cycle = cycle;
    this.#names = names;
    this.#reservoirs = reservoirs;
    this.#tolerance = tolerance;
    this.#dephasing = dephasing;
    this.#progress = progress;
    this.#values = new Float64Array(names.length);
    this.#tangent = new Float64Array(names.length);
    this.#configure(0);
    const given = reservoirs.filter((reservoir) => reservoir !== undefined);
    this.#mean = meanReservoir(given);
    const warm = given.length === solver.leads.length && given.every(({ temperature }) => temperature > 0);
    this.#responseAt = warm ? response : undefined;
    const equal = given.every(
      ({ chemicalPotential: mu, temperature: t }) =>
        mu === given[0].chemicalPotential && t === given[0].temperature,
    );
    if (!equal) this.#sea = new SeaIntegrator(solver);
    this.#calculator = new ForceCalculator(solver, {
      response: this.#responseAt,
      equilibrium: warm && !equal && !solver.limits ? this.#mean : undefined,
      following: true,
    });
    // A curve is resolved first, its last digits are looked for afterwards.
    this.#calculator.refines = false;
    this.#cold = [
      ...new Set(
        given.flatMap((reservoir) => (reservoir.temperature === 0 ? [reservoir.chemicalPotential] : [])),
      ),
    ];
    const perLead = solver.leads.map(() => 0);
    // Torque, conservative torque, friction, noise, four currents; frozen heat shares the energy currents' scale.
    this.#groupOf = [0, 0, 2, 1, ...[3, 4, 5, 6].flatMap((group) => perLead.map(() => group)), 4];
  }

  #configure(theta: number): void {
    evaluateCycleInto(this.#cycle, this.#names, theta, this.#values, this.#tangent);
    this.#solver.configure(this.#values, this.#tangent);
  }

  /** All quantities at one angle, in the order of #groupOf; entropy, chemical potentials of the leads behind them. */
  #sample(theta: number, looseness = 1): Float64Array {
    this.#configure(theta);
    const tolerance = Math.min(0.5 * this.#tolerance * looseness, Math.max(LOOSEST, this.#tolerance));
    const forces = this.#calculator.compute(this.#reservoirs, { tolerance, dephasing: this.#dephasing });
    if (forces.withoutA)
      throw new InputError("device.scattering", "the motor at a bias needs A, which this S comes without", {
        expected: "A beside S, or equal reservoirs",
        found: "S alone",
      });
    this.#last = forces;
    this.#evaluations += forces.evaluations;
    this.#unitarity = Math.max(this.#unitarity, forces.certificate.unitarity);
    // What rounding leaves open on an angle's own scale is judged on that of the turn; a loose sample has its error counted by its share of the turn.
    if (looseness === 1)
      for (const warning of forces.warnings) if (!isOfRounding(warning)) this.#warnings.add(warning);
    for (const [g, group] of groups.entries()) {
      this.#scalesMet[g] = Math.max(this.#scalesMet[g], forces.scales[group]);
      const error = forces.errors[group] / looseness;
      if (error <= this.#errors[g]) continue;
      this.#errors[g] = error;
      this.#worst[g] = [theta, forces.worst];
    }
    this.#raiseFloors();
    let conservative = forces.force[0];
    if (forces.equilibriumForce) conservative = forces.equilibriumForce[0];
    else if (this.#sea) {
      this.#seaScale.force[0] = Math.abs(conservative);
      const { chemicalPotential, temperature } = this.#mean;
      const sea = this.#sea.compute(chemicalPotential, temperature, tolerance, this.#seaScale);
      conservative = sea.force[0];
      this.#evaluations += sea.evaluations;
    }
    this.#done++;
    if (this.#responseAt && forces.response)
      this.#noteResponse(this.#responseAt.chemicalPotential, forces.response.errors, looseness);
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
    );
  }

  /** Errors of linear response, and the delay at its chemical potential. */
  #noteResponse(energy: number, errors: Float64Array, looseness: number): void {
    if (this.#responseErrors.length === 0) this.#responseErrors = new Float64Array(errors.length);
    for (const [i, error] of errors.entries())
      this.#responseErrors[i] = Math.max(this.#responseErrors[i], error / looseness);
    const { dSdE, channels, unitarityDefect } = this.#solver.solve(energy, { firstOrder: true });
    let square = 0;
    for (let i = 0; i < 2 * channels * channels; i++) square += dSdE[i] * dSdE[i];
    this.#longestDelay = Math.max(this.#longestDelay, Math.sqrt(square));
    this.#unitarity = Math.max(this.#unitarity, unitarityDefect);
  }

  /**
   * Linear response over the turn, after `build`: from the curve's own angles and energies, with the errors of its interpolants (the
   * integrals are far better); undefined where it was not asked for, at T = 0, with probes, or where it is not resolved to the tolerance.
   */
  response(): TurnIntegrals | undefined {
    if (!this.#responseAt) return undefined;
    const { leads } = this.#solver;
    const from = this.#groupOf.length + 1 + leads.length;
    const curves = Array.from({ length: leads.length + 3 }, (_, i) => this.#curve(from + i));
    const charges = curves.slice(0, leads.length);
    const scale = Math.max(...charges.map((curve) => curve.scale));
    let relativeError = 0;
    let chargeError = 0;
    for (const [i, curve] of curves.entries()) {
      const off = this.#tried.map(([theta, sample]) => Math.abs(curve.value(theta) - sample[from + i]));
      const left = this.#panelErrors ? this.#panelErrors[from + i] : TURN * Math.max(curve.tail, ...off);
      const error = left + TURN * this.#responseErrors[i];
      if (i < leads.length) chargeError = Math.max(chargeError, error);
      else if (curve.integral > 0) relativeError = Math.max(relativeError, error / curve.integral);
    }
    // By panels as for the integrals of the curve: near a kink energies are known to rounding only.
    const enough = (this.#panelErrors ? MISSED : 1) * this.#tolerance;
    if (chargeError > enough * TURN * scale || relativeError > enough) return undefined;
    const charge = charges.map(({ integral }) => integral);
    const [friction, conductance, channels] = curves.slice(leads.length).map(({ integral }) => integral);
    return {
      charge: Object.fromEntries(leads.map((name, a) => [name, charge[a]])),
      error: chargeError,
      relativeError,
      points: this.#filled ? 0.75 * this.#samples.length : this.#samples.length,
      adiabaticity: this.#longestDelay,
      certificate: {
        unitarity: this.#unitarity,
        chargeBalance: Math.abs(charge.reduce((sum, q) => sum + q, 0)),
      },
      friction,
      conductance,
      channels,
    };
  }

  /** Least scales of error, as the force calculation has them at this angle. */
  #raiseFloors(): void {
    const solver = this.#solver;
    const given = this.#reservoirs.filter((reservoir) => reservoir !== undefined);
    const low = Math.min(...given.map((r) => r.chemicalPotential - 4 * r.temperature));
    const high = Math.max(...given.map((r) => r.chemicalPotential + 4 * r.temperature));
    setScaleFloors(this.#floorsHere, solver.lambdaScale(), solver.energyScale(), Math.max(high - low, 0));
    for (const [g, floor] of this.#floorsHere.entries()) this.#floors[g] = Math.max(this.#floors[g], floor);
  }

  #levelsBelow(): number[] {
    return this.#cold.map((mu) => this.#solver.eigenvaluesBelow(mu));
  }

  /** Samples at all angles of a grid of `count`, keeping those of the grid half as fine; `partly`: every other new one from the rest. */
  #refine(count: number, partly: boolean): void {
    const [before, levels] = [this.#samples, this.#levels];
    this.#progress(this.#done, count);
    this.#samples = [];
    this.#levels = [];
    for (let j = 0; j < count; j++) {
      const known = before.length > 0 && j % 2 === 0;
      const theta = this.#start + (TURN * j) / count;
      if (known) this.#samples.push(before[j / 2]);
      else if (partly && j % 4 === 3) {
        this.#samples.push(new Float64Array(before[0].length));
        this.#configure(theta);
      } else this.#samples.push(this.#sample(theta));
      this.#levels.push(known ? levels[j / 2] : this.#levelsBelow());
      if (!known) this.#progress(this.#done, count);
    }
    this.#filled = partly;
    if (!partly) return;
    const grid = (from: number, i: number) =>
      this.#samples.filter((_, j) => j % 4 === from).map((sample) => sample[i]);
    for (let i = 0; i < before[0].length; i++)
      for (const [m, value] of fourthGrid(grid(0, i), grid(1, i), grid(2, i)).entries())
        this.#samples[4 * m + 3][i] = value;
  }

  /** Samples in place of those that were filled in. */
  #complete(): void {
    const count = this.#samples.length;
    for (let j = 3; j < count; j += 4) {
      this.#samples[j] = this.#sample(this.#start + (TURN * j) / count);
      this.#progress(this.#done, count);
    }
    this.#filled = false;
  }

  /** Component i over the grid. */
  #curve(i: number): PeriodicCurve {
    return new PeriodicCurve(
      this.#samples.map((sample) => sample[i]),
      this.#start,
    );
  }

  /** Scale of each group: the largest value of any of its components, or its floor. */
  #scales(): Float64Array {
    const scales = this.#floors.slice();
    for (const sample of this.#samples)
      for (const [i, group] of this.#groupOf.entries())
        scales[group] = Math.max(scales[group], Math.abs(sample[i]));
    return scales;
  }

  /** Below this a group's interpolation error does not matter: the tolerance, and what the integrals leave open. */
  #allowed(scales: Float64Array): Float64Array {
    return scales.map((scale, g) => this.#tolerance * scale + 4 * this.#errors[g]);
  }

  /** Angles between the grid's where the interpolant is tried. */
  #trialAngles(): number[] {
    const count = this.#levels.length;
    const angles = Array.from({ length: TRIALS }, (_, k) => TURN * (((k + 1) * GOLDEN) % 1));
    for (let j = 0; j < count; j++) {
      const [here, there] = [this.#levels[j], this.#levels[(j + 1) % count]];
      for (const [k, mu] of this.#cold.entries())
        if (here[k] !== there[k])
          angles.push(
            this.#crossing(mu, here[k], this.#start + (TURN * j) / count, TURN / count, CROSSING_STEPS),
          );
    }
    return angles;
  }

  /** The angle after `start` where the number of levels below mu stops being `count`. */
  #crossing(mu: number, count: number, start: number, width: number, steps: number): number {
    let [low, high] = [start, start + width];
    for (let step = 0; step < steps; step++) {
      const middle = 0.5 * (low + high);
      this.#configure(middle);
      if (this.#solver.eigenvaluesBelow(mu) === count) low = middle;
      else high = middle;
    }
    return 0.5 * (low + high);
  }

  /** Largest errors of the interpolants per group at the trial angles; stops at the first angle that is beyond `allowed`. */
  #trial(curves: PeriodicCurve[], allowed: Float64Array): { worst: Float64Array; failedAt?: number } {
    const worst = new Float64Array(groups.length);
    for (const theta of this.#trialAngles()) {
      const sample = this.#sample(theta);
      this.#tried.push([theta, sample]);
      for (const [i, group] of this.#groupOf.entries())
        worst[group] = Math.max(worst[group], Math.abs(curves[i].value(theta) - sample[i]));
      if (worst.some((error, g) => error > allowed[g])) return { worst, failedAt: theta };
    }
    return { worst };
  }

  /** Throws NumericalError where the tolerance is not reached with the largest grid, or where a force calculation fails. */
  build(): TurnCurve {
    try {
      const curve = this.#resolve(PLAIN);
      if (!("failedAt" in curve)) return curve;
    } catch (error) {
      if (!(error instanceof NumericalError) || error === this.#refusal) throw error;
    }
    this.#calculator.refines = false;
    this.#restart((TURNED * TURN) / FEWEST);
    // A state that meets a band need not make a kink that is seen: a grid that serves is the better answer.
    const kinks = this.#kinks();
    let curve: TurnCurve | { failedAt: number };
    try {
      curve = this.#resolve(kinks.length > 0 ? UNIFORM : MOST);
    } catch (error) {
      if (!(error instanceof NumericalError) || kinks.length === 0) throw error;
      curve = { failedAt: kinks[0].theta };
    }
    if ("failedAt" in curve && kinks.length > 0) curve = this.#byPanels(kinks);
    if (!("failedAt" in curve)) return curve;
    const { failedAt } = curve;
    this.#configure(failedAt);
    const by = kinks.length > 0 ? "panels" : `${MOST} angles`;
    throw new NumericalError(`the curve over the turn is not resolved by ${by} near theta = ${failedAt}`, {
      ...(this.#cold.length === 1 && { energy: this.#cold[0] }),
      at: Object.fromEntries(this.#names.map((name, nu) => [name, this.#values[nu]])),
      causes: [
        "a level crosses a chemical potential almost uncoupled from the leads: raise the temperature or the tolerance",
        "a bound state that touches a band without leaving it, or a level cut off from the leads: raise the tolerance",
        "the cycle is not smooth: write it as a Fourier series",
      ],
    });
  }

  /** On a grid from `start` on; what the angles so far left behind does not count. */
  #restart(start: number): void {
    this.#start = start;
    this.#samples = [];
    this.#filled = false;
    this.#levels = [];
    this.#errors.fill(0);
    this.#scalesMet.fill(0);
    this.#unitarity = 0;
    this.#warnings.clear();
    this.#tried.length = 0;
    this.#responseErrors = new Float64Array();
    this.#longestDelay = 0;
    this.#done = 0;
  }

  /** Angles where a bound state joins or leaves a band whose edge lies in the window: the number of levels below the edge changes. */
  #kinks(): { theta: number; edge: number }[] {
    const given = this.#reservoirs.filter((reservoir) => reservoir !== undefined);
    const low = Math.min(...given.map((r) => r.chemicalPotential - THERMAL * r.temperature));
    const high = Math.max(...given.map((r) => r.chemicalPotential + THERMAL * r.temperature));
    const edges = this.#solver.bandEdges().filter((edge) => edge > low && edge < high);
    if (edges.length === 0) return [];
    // Counted just inside the band, where Re Sigma has no square root.
    const step = INWARD * this.#solver.energyScale();
    const inside = edges.map((edge) =>
      this.#open(edge + step) >= this.#open(edge - step) ? edge + step : edge - step,
    );
    const counts = Array.from({ length: PLAIN }, (_, j) => {
      this.#configure(this.#start + (TURN * j) / PLAIN);
      return inside.map((energy) => this.#solver.eigenvaluesBelow(energy));
    });
    return edges.flatMap((edge, k) =>
      counts.flatMap((count, j) =>
        count[k] === counts[(j + 1) % PLAIN][k]
          ? []
          : [
              {
                theta: this.#crossing(
                  inside[k],
                  count[k],
                  this.#start + (TURN * j) / PLAIN,
                  TURN / PLAIN,
                  KINK_STEPS,
                ),
                edge,
              },
            ],
      ),
    );
  }

  #open(energy: number): number {
    return this.#solver.solve(energy, { firstOrder: false }).channels;
  }

  /** The turn by panels between the kinks. */
  #byPanels(found: readonly { theta: number; edge: number }[]): TurnCurve | { failedAt: number } {
    this.#calculator.refines = false;
    this.#restart(this.#start);
    const kinks = found.map(({ theta }) => theta);
    this.#levelsOnly(PLAIN);
    const crossings = this.#trialAngles();
    const length = this.#sample(crossings[0]).length;
    // Linear response, after the chemical potentials, is judged by its own sizes.
    const judged = this.#groupOf.length;
    const carried = judged + 1 + this.#solver.leads.length;
    const scalesOf = (largest: Float64Array) => {
      const scales = this.#floors.slice();
      for (const [i, group] of this.#groupOf.entries()) scales[group] = Math.max(scales[group], largest[i]);
      return scales;
    };
    let scales = this.#floors.slice();
    const panels = new TurnPanels(
      (theta, piece) => this.#sample(theta, Math.max(1, FULL / piece)),
      length,
      (largest) => {
        scales = scalesOf(largest);
        const allowed = this.#allowed(scales);
        const charge = Math.max(0, ...largest.slice(carried, carried + this.#solver.leads.length));
        return largest.map((size, i) => {
          if (i < judged) return allowed[this.#groupOf[i]];
          if (i < carried) return Number.POSITIVE_INFINITY;
          return this.#tolerance * (i < carried + this.#solver.leads.length ? charge : size);
        });
      },
    );
    const failedAt = panels.build(kinks, crossings.slice(TRIALS), crossings);
    if (failedAt !== undefined) return { failedAt };

    this.#start = 0;
    const integrals = panels.integrals();
    const { integral, value } = panels.errors();
    this.#panelErrors = integral;
    const exact = Array.from({ length: FINER * MOST }, (_, j) => panels.valueAt((TURN * j) / (FINER * MOST)));
    const uniform = (count: number) => {
      this.#samples = Array.from({ length: count }, (_, j) => exact[(FINER * MOST * j) / count].slice());
      // Shifted so that the mean is that of the panels.
      for (let i = 0; i < length; i++) {
        const sum = this.#samples.reduce((total, sample) => total + sample[i], 0);
        const shift = integrals[i] / TURN - sum / count;
        for (const sample of this.#samples) sample[i] += shift;
      }
      const curves = this.#groupOf.map((_, i) => this.#curve(i));
      const worst = new Float64Array(groups.length);
      for (const [i, group] of this.#groupOf.entries()) {
        const fine = curves[i].resample(FINER * MOST);
        worst[group] = Math.max(worst[group], value[i]);
        for (let j = 0; j < fine.length; j++)
          worst[group] = Math.max(worst[group], Math.abs(fine[j] - exact[j][i]));
      }
      return { curves, worst };
    };
    // What thousands of angles do not resolve either a thousand are enough for.
    let { curves, worst } = uniform(MOST);
    if (worst.some((error, g) => error > this.#allowed(scales)[g])) ({ curves, worst } = uniform(UNIFORM));
    const result = this.#result(curves, scales, worst, MISSED);
    let integralError = this.#integralError(scales).relative;
    for (const [i, group] of this.#groupOf.entries())
      if (scales[group] > 0) integralError = Math.max(integralError, integral[i] / (TURN * scales[group]));
    if (integralError > MISSED * this.#tolerance)
      throw new NumericalError(
        `the integrals over the turn reach a relative error of ${integralError.toExponential(1)}, asked for ${this.#tolerance}`,
        {
          causes: [
            "a bound state joins or leaves a band, where energies are known to rounding only: raise the tolerance to what is reached",
          ],
        },
      );
    if (result.error > this.#tolerance) {
      result.warnings.push(
        `the curves over the turn have kinks at theta = ${listed(kinks)}: they hold to ${result.error.toExponential(1)} between their angles, the integrals over the turn to ${integralError.toExponential(1)}`,
      );
    }
    for (const edge of new Set(found.map((kink) => kink.edge))) {
      const fillings = this.#reservoirs.flatMap((r) =>
        r ? [fermi(edge, r.chemicalPotential, r.temperature)] : [],
      );
      if (Math.max(...fillings) - Math.min(...fillings) > this.#tolerance)
        result.warnings.push(
          `a bound state joins or leaves the band at E = ${edge}, where the reservoirs' fillings differ: what it takes along is not ` +
            "determined, and charge and energy of a turn need not balance",
        );
    }
    return { ...result, integralError };
  }

  /** Numbers of levels on a grid of which no samples are needed. */
  #levelsOnly(count: number): void {
    this.#levels = Array.from({ length: count }, (_, j) => {
      this.#configure(this.#start + (TURN * j) / count);
      return this.#levelsBelow();
    });
  }

  /** Doubles the grid up to `most` angles; where half of the new ones are likely to do with those first. */
  #resolve(most: number): TurnCurve | { failedAt: number } {
    let failedAt = 0;
    let nearly = false;
    for (let count = FEWEST; count <= most; count *= 2) {
      this.#refine(count, nearly);
      let found = this.#judge(count);
      if (!found.curve && this.#filled) {
        this.#complete();
        found = this.#judge(count);
      }
      if (found.curve) return found.curve;
      ({ failedAt = 0, nearly = false } = found);
      if (!found.resolved) continue;
      // Resolved, but for the rounding next to narrow resonances: once more without it.
      this.#calculator.refines = true;
      this.#restart(this.#start);
      count = FEWEST / 2;
    }
    return { failedAt };
  }

  /** The curve, if the grid resolves it; else whether half of the next angles are likely to. */
  #judge(count: number): { curve?: TurnCurve; failedAt?: number; nearly?: boolean; resolved?: boolean } {
    const curves = this.#groupOf.map((_, i) => this.#curve(i));
    const scales = this.#scales();
    this.#refuseHopeless(scales);
    const allowed = this.#allowed(scales);
    const open = curves.findIndex((curve, i) => curve.tail > allowed[this.#groupOf[i]]);
    if (open >= 0) {
      const nearly = curves.every((curve, i) => endsSoon(curve, allowed[this.#groupOf[i]]));
      return { failedAt: count === MOST ? this.#roughest(open) : 0, nearly };
    }
    const trial = this.#trial(curves, allowed);
    if (trial.failedAt !== undefined) return { failedAt: trial.failedAt };
    if (!this.#calculator.refines && this.#integralError(scales).relative > this.#tolerance)
      return { resolved: true };
    return { curve: this.#result(curves, scales, trial.worst) };
  }

  /** Angle where component i differs most from the interpolant of every second sample. */
  #roughest(i: number): number {
    const samples = this.#samples.map((sample) => sample[i]);
    const half = new PeriodicCurve(samples.filter((_, j) => j % 2 === 0)).resample(samples.length);
    let worst = 0;
    for (let j = 0; j < samples.length; j++)
      if (Math.abs(samples[j] - half[j]) > Math.abs(samples[worst] - half[worst])) worst = j;
    return this.#start + (TURN * worst) / samples.length;
  }

  /** Largest error of the integrals over energy, on the scales of the turn, and its group. */
  #integralError(scales: Float64Array): { relative: number; group: number } {
    const largest = { relative: 0, group: 0 };
    for (const [group, error] of this.#errors.entries()) {
      const scale = Math.max(scales[group], this.#scalesMet[group]);
      if (error > largest.relative * scale) Object.assign(largest, { relative: error / scale, group });
    }
    return largest;
  }

  /** Errors far above the tolerance in the highest precision: more angles do not help. */
  #refuseHopeless(scales: Float64Array): void {
    if (!this.#calculator.refines) return;
    const { relative, group } = this.#integralError(scales);
    if (relative > HOPELESS * this.#tolerance) throw this.#unknown(relative, group);
  }

  #unknown(relative: number, group: number): NumericalError {
    const [theta, energy] = this.#worst[group];
    this.#configure(theta);
    this.#refusal = new NumericalError(
      `${groups[group]} is known to ${relative.toExponential(1)} of its scale at theta = ${theta}, asked for ${this.#tolerance}`,
      {
        energy,
        at: Object.fromEntries(this.#names.map((name, nu) => [name, this.#values[nu]])),
        causes: [
          ...attainable(relative),
          "a resonance too narrow for the digits of energies: widen it (a stronger coupling to a lead), or raise the temperature",
        ],
      },
    );
    return this.#refusal;
  }

  #result(curves: PeriodicCurve[], scales: Float64Array, worst: Float64Array, slack = 1): TurnCurve {
    const { leads, probes } = this.#solver;
    const count = leads.length;
    const at = this.#groupOf.length;
    const ofLeads = (k: number): PeriodicCurve[] => curves.slice(4 + k * count, 4 + (k + 1) * count);
    const cold = this.#last?.entropyProduction === undefined;
    const { relative, group } = this.#integralError(scales);
    if (relative > slack * this.#tolerance) throw this.#unknown(relative, group);
    let error = relative;
    for (const [g, scale] of scales.entries()) if (scale > 0) error = Math.max(error, worst[g] / scale);
    const errors = Object.fromEntries(groups.map((group, g) => [group, worst[g] + this.#errors[g]]));
    return {
      theta: equispacedAngles(this.#samples.length),
      torque: curves[0],
      conservativeTorque: curves[1],
      friction: curves[2],
      noise: curves[3],
      leads: [...leads],
      probes: [...probes],
      chemicalPotential: Float64Array.from(leads, (_, a) => this.#curve(at + 1 + a).mean),
      temperature: Float64Array.from(leads, (_, a) => (this.#reservoirs[a] ?? this.#mean).temperature),
      current: ofLeads(0),
      energyCurrent: ofLeads(1),
      currentPerVelocity: ofLeads(2),
      energyCurrentPerVelocity: ofLeads(3),
      frozenHeat: curves[at - 1],
      ...(cold ? {} : { entropyProduction: this.#curve(at) }),
      error,
      errors: errors as unknown as ForceErrors,
      unitarity: this.#unitarity,
      warnings: [...this.#warnings],
      evaluations: this.#evaluations,
    };
  }
}

/** Mean chemical potential and temperature; exact for equal reservoirs. */
function meanReservoir(reservoirs: readonly Reservoir[]): Reservoir {
  const [first] = reservoirs;
  if (!first) return { chemicalPotential: 0, temperature: 0 };
  const mean = (of: (reservoir: Reservoir) => number): number =>
    of(first) +
    reservoirs.reduce((sum, reservoir) => sum + (of(reservoir) - of(first)), 0) / reservoirs.length;
  return { chemicalPotential: mean((r) => r.chemicalPotential), temperature: mean((r) => r.temperature) };
}

/** Whether the harmonics of a grid, going on as they fall, are below `allowed` at one and a half times as many. */
function endsSoon(curve: PeriodicCurve, allowed: number): boolean {
  const { tail, harmonics } = curve;
  if (tail <= allowed) return true;
  let earlier = 0;
  for (let k = Math.floor(harmonics / 2) - 1; k <= harmonics / 2; k++)
    earlier = Math.max(earlier, curve.amplitude(k));
  return earlier > tail && LIKELY * tail * (tail / earlier) <= allowed;
}

const listed = (angles: readonly number[]): string =>
  [...angles]
    .map((theta) => ((theta % TURN) + TURN) % TURN)
    .sort((a, b) => a - b)
    .map((theta) => theta.toPrecision(6))
    .join(", ");
