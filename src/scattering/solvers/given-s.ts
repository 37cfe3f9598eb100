// A device known by its S alone, S(E, X), as a solver of scattering points ("bring your own
// S-matrix").
//   K_nu = i S^+ dS/dX_nu                              exactly, since S is unitary
//   P + P^+ = dK/dE,  P - P^+ = S^+ (S' K - 2 A)       hence P = (dK/dE + S^+ S' K) / 2 - S^+ A
// A, the first correction in velocity, is not contained in S: what a bias does to friction and pump
// currents needs it from the caller. Without it the least A that unitarity allows is put in, which
// is right at equal fillings; `completeA` says so. The filled sea (conservative force) and the
// antisymmetric friction of several parameters are not in S at real energies either: zero here,
// `sea` and `antisymmetricFriction` say so. Derivatives the caller leaves out are differences of
// order 8 (differences.ts). What S, its derivatives and A may be off by is carried into the `errors`
// of a point. Cost: the caller's function, twenty times or more for each derivative left out.
// Longer than most files: each formula stands beside the bound of its error.

import { InputError, NumericalError } from "../../base/errors.js";
import type {
  ParameterValues,
  ResolvedDevice,
  ResolvedScattering,
  UnitarySample,
} from "../../model/types.js";
import {
  type Difference,
  firstDifference,
  mixedDifference,
} from "../../numerics/interpolation/differences.js";
import {
  addTo,
  adjointTimes,
  norm,
  times,
  timesMinusI,
} from "../../numerics/linear-algebra/small-products.js";
import {
  type DeviceSolver,
  type EnergyBudget,
  type LambdaError,
  type LeadConnection,
  type PointVisitor,
  type SolverLimits,
  solveOneByOne,
} from "../contract.js";
import type {
  DerivativePoint,
  PointErrors,
  PointRequest,
  ScatteringAlone,
  ScatteringPoint,
} from "../point.js";

/** Largest error of a difference, relative to one more than its size, that is taken for one. */
const COARSEST = 1e-2;

/**
 * Operations of one energy beside those of calls, of one call of the caller's function, and what
 * each adds per cube of the number of channels; measured for interpolants and for functions that
 * take microseconds.
 */
const BESIDE = { least: 400_000, perCube: 160 };
const CALL = { least: 40_000, perCube: 40 };
/** Calls that each derivative left out takes. */
const DIFFERENCED = 20;

export class GivenSolver implements DeviceSolver {
  readonly leads: string[];
  readonly probes: boolean[];
  readonly reciprocal: boolean;
  directions: number;
  readonly merged = false;
  budget: EnergyBudget | undefined;
  readonly pairs = false;
  readonly refines = false;
  readonly refinedEnergies = 1;
  readonly cheapTraces = false;
  readonly batch = undefined;
  readonly #given: ResolvedScattering;
  readonly #names: string[];
  readonly #at: ParameterValues = {};
  readonly #tangent: Float64Array | undefined;
  readonly #point: ScatteringPoint & { errors: PointErrors };
  readonly #m: number;
  readonly #zeros: Float64Array;
  #completeA = true;
  #operations: number | undefined;
  /** Samples at energies beside the one being solved, at the configuration in force. */
  readonly #beside = new Map<number, UnitarySample>();

  /** `tangent`: one direction, set by configure, instead of one per parameter. */
  constructor(device: ResolvedDevice, tangent: boolean) {
    const given = device.scattering!;
    this.#given = given;
    this.#names = device.parameters.map((parameter) => parameter.name);
    this.leads = device.leads.map((lead) => lead.name);
    this.probes = this.leads.map(() => false);
    this.reciprocal = given.reciprocal;
    this.directions = tangent ? 1 : this.#names.length;
    this.#tangent = tangent ? new Float64Array(this.#names.length) : undefined;
    this.#m = given.channels.reduce((sum, count) => sum + count, 0);
    const size = 2 * this.#m * this.#m;
    const matrices = () => Array.from({ length: this.directions }, () => new Float64Array(size));
    const pairs = (this.directions * (this.directions - 1)) / 2;
    this.#point = {
      channels: this.#m,
      channelLead: Int32Array.from(
        given.channels.flatMap((count, lead) => new Array<number>(count).fill(lead)),
      ),
      S: new Float64Array(size),
      dSdE: new Float64Array(size),
      K: matrices(),
      P: matrices(),
      antisymmetricFriction: Array.from({ length: pairs }, () => new Float64Array(2 * this.#m)),
      unitarityDefect: 0,
      errors: {
        S: 0,
        dSdE: 0,
        K: new Float64Array(this.directions),
        P: new Float64Array(this.directions),
      },
    };
    this.#zeros = new Float64Array(2 * Math.max(this.directions, pairs));
    for (const name of this.#names) this.#at[name] = 0;
  }

  get operations(): number {
    this.#operations ??= this.#predictOperations();
    return this.#operations;
  }

  /** The cost of one energy, from the derivatives that the function gives at energy and X = 0. */
  #predictOperations(): number {
    const cube = this.#m ** 3;
    const beside = BESIDE.least + BESIDE.perCube * cube;
    if (this.#given.table) return beside;
    const parameters = this.#names.length;
    let left = 1 + 2 * parameters;
    try {
      const { dSdE, dS, mixed } = this.#given.evaluate(
        0,
        Object.fromEntries(this.#names.map((name) => [name, 0])),
      );
      left -= (dSdE ? 1 : 0) + (dS ? parameters : 0) + (mixed ? parameters : 0);
    } catch (error) {
      // S need not exist there. The budget is then that of a function without derivatives.
      if (!(error instanceof NumericalError || error instanceof InputError)) throw error;
    }
    return beside + (1 + DIFFERENCED * left) * (CALL.least + CALL.perCube * cube);
  }

  forgetMerges(): void {}

  configure(values: Float64Array, tangent?: Float64Array): void {
    this.#names.forEach((name, i) => {
      this.#at[name] = values[i];
    });
    if (tangent && this.#tangent) this.#tangent.set(tangent);
  }

  /** What the points solved so far leave open. */
  get limits(): SolverLimits {
    return {
      source: "a given S",
      completeA: this.#completeA,
      sea: this.#given.sliding,
      antisymmetricFriction: this.directions < 2,
    };
  }

  solve(energy: number, { energyDerivative, antisymmetricFriction }: PointRequest): ScatteringPoint {
    this.budget?.spend(1);
    const sample = this.#evaluate(energy);
    const point = this.#point;
    const slopes = energyDerivative || antisymmetricFriction === true;
    if (slopes) {
      const slope = this.#energySlope(energy, sample);
      point.dSdE.set(slope.data);
      point.errors.dSdE = slope.error;
    }
    for (let nu = 0; nu < this.directions; nu++) this.#direction(energy, sample, nu, slopes);
    return point;
  }

  /** S at the configuration in force. */
  #evaluate(energy: number): UnitarySample {
    this.#beside.clear();
    const sample = this.#given.evaluate(energy, this.#at);
    const point = this.#point;
    point.S.set(sample.S.data);
    // S is unitary; what it was made of tells its accuracy.
    point.unitarityDefect = sample.defect;
    point.errors.S = sample.errors.S;
    return sample;
  }

  /** K and, with `slopes`, P of one direction: of a parameter, or of the sum along the tangent. */
  #direction(energy: number, sample: UnitarySample, nu: number, slopes: boolean): void {
    const m = this.#m;
    const { S, dSdE, errors } = this.#point;
    const [slope, mixed, A] = Array.from({ length: 3 }, () => ({
      data: new Float64Array(S.length),
      error: 0,
    }));
    const addWeighted = (sum: Difference, { data, error }: Difference, weight: number): void => {
      addTo(sum.data, data, weight);
      sum.error += Math.abs(weight) * error;
    };
    this.#names.forEach((name, i) => {
      const weight = this.#tangent ? this.#tangent[i] : i === nu ? 1 : 0;
      if (weight === 0) return;
      addWeighted(slope, this.#parameterSlope(energy, sample, name), weight);
      if (!slopes) return;
      addWeighted(mixed, this.#mixed(energy, sample, name), weight);
      const given = sample.A?.[name];
      if (given) addWeighted(A, { data: given.data, error: sample.errors.A?.[name] ?? 0 }, weight);
      else this.#completeA = false;
    });
    const K = this.#point.K[nu];
    const P = this.#point.P[nu];
    // K = i S^+ dS, its Hermitian part; dK/dE = i (S'^+ dS + S^+ dS').
    const product = adjointTimes(S, slope.data, m);
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) {
        const [p, q] = [2 * (a * m + b), 2 * (b * m + a)];
        K[p] = -0.5 * (product[p + 1] + product[q + 1]);
        K[p + 1] = 0.5 * (product[p] - product[q]);
      }
    const sizes = { slope: norm(slope.data) + slope.error, K: norm(K) };
    errors.K[nu] = slope.error + errors.S * sizes.slope;
    if (!slopes) return;
    const growth = adjointTimes(dSdE, slope.data, m);
    addTo(growth, adjointTimes(S, mixed.data, m), 1);
    const delay = adjointTimes(S, dSdE, m);
    const turned = times(delay, K, m);
    const delays = norm(dSdE) + errors.dSdE;
    const turnedError = (errors.S * delays + errors.dSdE) * (sizes.K + errors.K[nu]) + delays * errors.K[nu];
    errors.P[nu] =
      0.5 * (errors.dSdE * sizes.slope + delays * slope.error) +
      0.5 * (errors.S * (norm(mixed.data) + mixed.error) + mixed.error) +
      turnedError;
    if (sample.A) {
      const correction = adjointTimes(S, A.data, m);
      errors.P[nu] +=
        errors.S * norm(A.data) + Math.max(A.error, this.#contradiction(correction, slope.data));
      for (let k = 0; k < P.length; k += 2) {
        P[k] = 0.5 * (turned[k] - growth[k + 1]) - correction[k];
        P[k + 1] = 0.5 * (turned[k + 1] + growth[k]) - correction[k + 1];
      }
      return;
    }
    // The least A is the one with S^+ A Hermitian: S^+ A = (S^+ S' K - K S^+ S') / 4.
    const other = times(K, delay, m);
    for (let k = 0; k < P.length; k += 2) {
      P[k] = 0.5 * (turned[k] - growth[k + 1]) - 0.25 * (turned[k] - other[k]);
      P[k + 1] = 0.5 * (turned[k + 1] + growth[k]) - 0.25 * (turned[k + 1] - other[k + 1]);
    }
  }

  /** By how much A misses S^+ A + A^+ S = (i/2) (dS^+ S' - S'^+ dS); `correction`: S^+ A. */
  #contradiction(correction: Float64Array, slope: Float64Array): number {
    const m = this.#m;
    const twist = adjointTimes(slope, this.#point.dSdE, m);
    let square = 0;
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) {
        const [p, q] = [2 * (a * m + b), 2 * (b * m + a)];
        const re = correction[p] + correction[q] + 0.5 * (twist[p + 1] + twist[q + 1]);
        const im = correction[p + 1] - correction[q + 1] - 0.5 * (twist[p] - twist[q]);
        square += re * re + im * im;
      }
    return Math.sqrt(square);
  }

  #energySlope(energy: number, sample: UnitarySample): Difference {
    const { dSdE, errors } = sample;
    if (dSdE) return { data: dSdE.data, error: errors.dSdE ?? 0 };
    return this.#energyDifference(energy, (at) => at.S.data, errors.S);
  }

  #parameterSlope(energy: number, sample: UnitarySample, name: string): Difference {
    const { dS, errors } = sample;
    if (dS) return { data: dS[name].data, error: errors.dS?.[name] ?? 0 };
    return this.#parameterDifference(energy, name, (at) => at.S.data, errors.S);
  }

  #mixed(energy: number, sample: UnitarySample, name: string): Difference {
    const { dSdE, dS, mixed, errors } = sample;
    if (mixed) return { data: mixed[name].data, error: errors.mixed?.[name] ?? 0 };
    if (dS) return this.#energyDifference(energy, (at) => at.dS![name].data, errors.dS?.[name] ?? 0);
    if (dSdE) return this.#parameterDifference(energy, name, (at) => at.dSdE!.data, errors.dSdE ?? 0);
    const { energyScale: unit } = this.#given;
    const size = Math.max(Math.abs(energy) / unit, Math.abs(this.#at[name]));
    const found = this.#shifting(name, (shifted) =>
      mixedDifference((first, second) => shifted(energy + unit * first, second).S.data, {
        size,
        noise: errors.S,
      }),
    );
    // Charges do without it: what needs it is judged by its error.
    return this.#scaled(found, unit, energy, Number.MAX_VALUE);
  }

  /** Of what `of` takes from a sample by the energy, whose unit is the energy scale. */
  #energyDifference(energy: number, of: (sample: UnitarySample) => Float64Array, noise: number): Difference {
    const { energyScale: unit } = this.#given;
    const found = firstDifference(
      (shift) => {
        const place = energy + unit * shift;
        const sample = this.#beside.get(place) ?? this.#given.evaluate(place, this.#at);
        this.#beside.set(place, sample);
        return of(sample);
      },
      { size: Math.abs(energy) / unit, noise },
    );
    return this.#scaled(found, unit, energy);
  }

  #parameterDifference(
    energy: number,
    name: string,
    of: (sample: UnitarySample) => Float64Array,
    noise: number,
  ): Difference {
    const found = this.#shifting(name, (shifted) =>
      firstDifference((shift) => of(shifted(energy, shift)), { size: Math.abs(this.#at[name]), noise }),
    );
    return this.#scaled(found, 1, energy);
  }

  /** Calls `use` with S as a function of the energy and of what is added to a parameter. */
  #shifting(name: string, use: (shifted: (energy: number, shift: number) => UnitarySample) => Difference) {
    const start = this.#at[name];
    try {
      return use((energy, shift) => {
        this.#at[name] = start + shift;
        return this.#given.evaluate(energy, this.#at);
      });
    } finally {
      this.#at[name] = start;
    }
  }

  /** A difference in another unit of the variable, if it is one. */
  #scaled({ data, error }: Difference, unit: number, energy: number, coarsest = COARSEST): Difference {
    if (error <= coarsest * (1 + norm(data))) return { data: data.map((x) => x / unit), error: error / unit };
    throw new NumericalError("the given S changes too fast to be differenced", {
      energy,
      at: { ...this.#at },
      causes: [
        "a resonance far narrower than `energyScale`: give a smaller energyScale, or dSdE, dS and mixed",
        "phases of S that jump from call to call",
        "an S computed to few digits: give it to more, or with its derivatives",
      ],
    });
  }

  /** S, dS/dE and dS/dX of every parameter. */
  solveWithDerivatives(energy: number): DerivativePoint {
    const {
      channels,
      channelLead,
      S,
      dSdE,
      K,
      unitarityDefect: defect,
      errors,
    } = this.solve(energy, { energyDerivative: true });
    const dS = new Float64Array(S.length * K.length);
    K.forEach((k, nu) => {
      timesMinusI(S, k, this.#m, dS, nu * S.length);
    });
    return { channels, channelLead, S, dSdE, dS, unknown: [], unitarityDefect: defect, errors };
  }

  solveAlone(energy: number): ScatteringAlone {
    this.#evaluate(energy);
    return this.#point;
  }

  /** S' is the derivative of the S that is given. */
  connections(): LeadConnection[] {
    return this.#given.channels.map((channels) => ({ channels }));
  }

  traceLambda(): Float64Array {
    return this.#zeros.subarray(0, this.directions);
  }

  solveEach(energies: Float64Array, count: number, options: PointRequest, visit: PointVisitor): void {
    solveOneByOne(this, energies, count, options, visit);
  }

  pairTables(): undefined {}

  /** No more digits than were given. */
  solveRefined(): undefined {}

  roundedScale(): number {
    return this.energyScale();
  }

  edgeLow(): number {
    return 0;
  }

  lostAt(): number {
    return 0;
  }

  surfaceLevels(): number[] {
    return [];
  }

  traceGreenEach(
    _re: number,
    _im: Float64Array,
    count: number,
    visit: (traces: Float64Array, k: number) => void,
  ): void {
    for (let k = 0; k < count; k++) visit(this.traceGreen(), k);
  }

  traceGreen(): Float64Array {
    return this.#zeros.subarray(0, 2 * this.directions);
  }

  curlGreen(): Float64Array {
    return this.#zeros.subarray(0, this.directions * (this.directions - 1));
  }

  /** No Hamiltonian, no levels to count: narrow resonances of a given S are not searched for. */
  eigenvaluesBelow(): number {
    return 0;
  }

  certainEigenvaluesBelow(): number {
    return 0;
  }

  energyScale(): number {
    return this.#given.energyScale;
  }

  lambdaScale(): number {
    return this.#given.energyScale;
  }

  lambdaError(): LambdaError {
    return { absolute: 0, relative: 0 };
  }

  bandEdges(low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY): readonly number[] {
    return this.#given.edges.filter((edge) => edge >= low && edge <= high);
  }

  release(): void {}
}
