// The solver of a device that is known by its S(E, X) alone ("bring your own S-matrix").
//     K_nu = i S^+ dS/dX_nu                              exactly, since S is unitary
//     P + P^+ = dK/dE,  P - P^+ = S^+ (S' K - 2 A)       hence P = (dK/dE + S^+ S' K) / 2 - S^+ A
// A is the first correction in velocity. S does not contain it, and the friction and the pumped
// currents at a bias need it from the caller. Without it the solver uses the smallest A that
// unitarity allows, which is right at equal fillings, and sets `completeA` to false. S at real
// energies contains neither the filled sea (the conservative force) nor the antisymmetric friction
// of several parameters. Both are zero here, and `sea` and `antisymmetricFriction` report that.
// Derivatives that the caller leaves out are differences of order 8, which must agree with order 6
// to 1e-7. Each such derivative costs at least 8 calls of the caller's function, a mixed one at
// least 64.

import { NumericalError } from "../../base/errors.js";
import type {
  ComplexMatrix,
  ParameterValues,
  ResolvedDevice,
  ResolvedScattering,
  ScatteringSample,
} from "../../model/types.js";
import { addTo, adjointTimes, times, timesMinusI } from "../../numerics/linear-algebra/small-products.js";
import {
  type DeviceSolver,
  type EnergyBudget,
  type LambdaError,
  type LeadConnection,
  type PointVisitor,
  type SolverLimits,
  solveOneByOne,
} from "../contract.js";
import type { DerivativePoint, PointRequest, ScatteringAlone, ScatteringPoint } from "../point.js";

/** Weights of central differences of orders 8 and 6 at 1 to 4 steps. */
const order8 = [4 / 5, -1 / 5, 4 / 105, -1 / 280];
const order6 = [3 / 4, -3 / 20, 1 / 60, 0];
/** Longest step in the energy, in units of the energy scale, and longest step in a parameter. */
const energyStep = 0.01;
const parameterStep = 0.01;
/** Number of steps that are tried. Each is a quarter of the one before. */
const shortenings = 5;
/**
 * Largest difference of the two orders, relative to 1 plus the largest element of the derivative.
 */
const agreement = 1e-7;

/** Solves a device that is known by its S; see the contract for its members. */
export class GivenSolver implements DeviceSolver {
  readonly leads: string[];
  readonly probes: boolean[];
  readonly reciprocal: boolean;
  directions: number;
  readonly merged = false;
  budget: EnergyBudget | undefined;
  readonly operations = 0;
  readonly pairs = false;
  readonly refines = false;
  readonly batch = undefined;
  readonly #given: ResolvedScattering;
  readonly #names: string[];
  readonly #at: ParameterValues = {};
  readonly #tangent: Float64Array | undefined;
  readonly #point: ScatteringPoint;
  readonly #m: number;
  readonly #zeros: Float64Array;
  #completeA = true;

  /**
   * With `tangent` the solver has one direction, which `configure` sets, instead of one per
   * parameter.
   */
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
    };
    this.#zeros = new Float64Array(2 * Math.max(this.directions, pairs));
    for (const name of this.#names) this.#at[name] = 0;
  }

  configure(values: Float64Array, tangent?: Float64Array): void {
    this.#names.forEach((name, i) => {
      this.#at[name] = values[i];
    });
    if (tangent && this.#tangent) this.#tangent.set(tangent);
  }

  /** The quantities that S alone does not determine at the points solved so far. */
  get limits(): SolverLimits {
    return {
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
    if (slopes) point.dSdE.set(this.#energySlope(energy, sample, (at) => at.S).data);
    for (let nu = 0; nu < this.directions; nu++) this.#direction(energy, sample, nu, slopes);
    return point;
  }

  /** S at the configuration in use. */
  #evaluate(energy: number): ScatteringSample {
    const sample = this.#given.evaluate(energy, this.#at);
    const point = this.#point;
    point.S.set(sample.S.data);
    // The sample holds the unitary matrix nearest to the S of the caller, whose defect measures its
    // accuracy.
    point.unitarityDefect = sample.defect;
    return sample;
  }

  /**
   * Computes K and, with `slopes`, P of one direction: of a parameter, or of the sum along the
   * tangent.
   */
  #direction(energy: number, sample: ScatteringSample, nu: number, slopes: boolean): void {
    const m = this.#m;
    const { S, dSdE } = this.#point;
    const [slope, mixed, A] = [
      new Float64Array(S.length),
      new Float64Array(S.length),
      new Float64Array(S.length),
    ];
    this.#names.forEach((name, i) => {
      const weight = this.#tangent ? this.#tangent[i] : i === nu ? 1 : 0;
      if (weight === 0) return;
      const dS = sample.dS?.[name] ?? this.#parameterSlope(energy, name, (at) => at.S);
      addTo(slope, dS.data, weight);
      if (!slopes) return;
      addTo(mixed, this.#mixed(energy, sample, name).data, weight);
      if (sample.A) addTo(A, sample.A[name].data, weight);
      else this.#completeA = false;
    });
    const K = this.#point.K[nu];
    const P = this.#point.P[nu];
    // K is the Hermitian part of i S^+ dS, and dK/dE = i (S'^+ dS + S^+ dS').
    const product = adjointTimes(S, slope, m);
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) {
        const [p, q] = [2 * (a * m + b), 2 * (b * m + a)];
        K[p] = -0.5 * (product[p + 1] + product[q + 1]);
        K[p + 1] = 0.5 * (product[p] - product[q]);
      }
    if (!slopes) return;
    const growth = adjointTimes(dSdE, slope, m);
    addTo(growth, adjointTimes(S, mixed, m), 1);
    const delay = adjointTimes(S, dSdE, m);
    const delayTimesK = times(delay, K, m);
    if (sample.A) {
      const correction = adjointTimes(S, A, m);
      for (let k = 0; k < P.length; k += 2) {
        P[k] = 0.5 * (delayTimesK[k] - growth[k + 1]) - correction[k];
        P[k + 1] = 0.5 * (delayTimesK[k + 1] + growth[k]) - correction[k + 1];
      }
      return;
    }
    // The smallest A is the one with Hermitian S^+ A: S^+ A = (S^+ S' K - K S^+ S') / 4.
    const other = times(K, delay, m);
    for (let k = 0; k < P.length; k += 2) {
      P[k] = 0.5 * (delayTimesK[k] - growth[k + 1]) - 0.25 * (delayTimesK[k] - other[k]);
      P[k + 1] = 0.5 * (delayTimesK[k + 1] + growth[k]) - 0.25 * (delayTimesK[k + 1] - other[k + 1]);
    }
  }

  #mixed(energy: number, sample: ScatteringSample, name: string): ComplexMatrix {
    if (sample.mixed) return sample.mixed[name];
    if (sample.dS) return this.#energySlope(energy, { S: sample.dS[name] }, (at) => at.dS![name]);
    return this.#parameterSlope(energy, name, (at) => this.#energySlope(energy, at, (s) => s.S));
  }

  #energySlope(energy: number, sample: ScatteringSample, of: (s: ScatteringSample) => ComplexMatrix) {
    if (sample.dSdE) return sample.dSdE;
    // The function reads the configuration when it is called, because mixed derivatives shift it.
    return this.#differences(
      energyStep * this.#given.energyScale,
      (shift) => of(this.#given.evaluate(energy + shift, this.#at)),
      energy,
    );
  }

  #parameterSlope(energy: number, name: string, of: (s: ScatteringSample) => ComplexMatrix): ComplexMatrix {
    const start = this.#at[name];
    try {
      return this.#differences(
        parameterStep,
        (shift) => {
          this.#at[name] = start + shift;
          return of(this.#given.evaluate(energy, this.#at));
        },
        energy,
      );
    } finally {
      this.#at[name] = start;
    }
  }

  /** The derivative of `at` at zero. The step is shortened until the two orders agree. */
  #differences(longest: number, at: (shift: number) => ComplexMatrix, energy: number): ComplexMatrix {
    const data = new Float64Array(2 * this.#m * this.#m);
    const lower = new Float64Array(data.length);
    for (let attempt = 0; attempt < shortenings; attempt++) {
      const step = longest / 4 ** attempt;
      data.fill(0);
      lower.fill(0);
      for (let k = 1; k <= 4; k++)
        for (const side of [1, -1]) {
          const value = at(side * k * step).data;
          addTo(data, value, (side * order8[k - 1]) / step);
          addTo(lower, value, (side * order6[k - 1]) / step);
        }
      let [off, size] = [0, 0];
      for (let k = 0; k < data.length; k++) {
        off = Math.max(off, Math.abs(data[k] - lower[k]));
        size = Math.max(size, Math.abs(data[k]));
      }
      if (off <= agreement * (1 + size)) return { shape: [this.#m, this.#m], data };
    }
    throw new NumericalError("the given S changes too fast to be differenced", {
      energy,
      at: { ...this.#at },
      causes: [
        "a resonance far narrower than `energyScale`: give a smaller energyScale, or dSdE, dS and mixed",
        "phases of S that jump from call to call",
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
    } = this.solve(energy, { energyDerivative: true });
    const dS = new Float64Array(S.length * K.length);
    K.forEach((k, nu) => {
      timesMinusI(S, k, this.#m, dS, nu * S.length);
    });
    return { channels, channelLead, S, dSdE, dS, unknown: [], unitarityDefect: defect };
  }

  solveAlone(energy: number): ScatteringAlone {
    this.#evaluate(energy);
    return this.#point;
  }

  /** The S that is given defines the basis, so that S' needs no rotation. */
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

  /** A given S has no more digits than its caller provides. */
  solveRefined(): undefined {}

  roundedScale(): number {
    return this.energyScale();
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

  /**
   * There is no Hamiltonian whose levels could be counted. Narrow resonances of a given S are not
   * searched for.
   */
  eigenvaluesBelow(): number {
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
