// Voltage probes: leads without net current, whose chemical potentials adjust (docs/physics.md,
// section 6). They have three effects.
//
// - The bias part is mu_p from J_p(mu) = 0 by Newton's method, with J_p the current at rest, at the
//   mean temperature of the reservoirs. It moves with X, dmu_p/dX = -(dJ/dmu)^-1 dJ_p/dX (with
//   dS/dX = -i S K), which has effects of first order in the velocity (integrand.ts, moving).
// - The velocity part is dmu_p/dX' = -(dJ/dmu)^-1 J_p,nu. It adds -(dF_nu/dmu_p)(dmu_p/dX'_nu') to
//   the friction and (dJ_a/dmu_p)(dmu_p/dX'_nu') to the currents per velocity.
// - The fluctuating part is dmu_p = -(dJ/dmu)^-1 dJ_p. With it the noise is that of
//   F_nu + sum_p (dF_nu/dmu_p) dmu_p, and the fluctuation-dissipation theorem holds in equilibrium.
//
// What is unknown about them is in voltage-errors.ts.
//
// Longer than most files: the three effects rest on one integral.

import { NumericalError } from "../../base/errors.js";
import { invert } from "../../numerics/linear-algebra/small-matrix.js";
import { nodeOf, type VectorIntegrand } from "../../numerics/quadrature/integrand.js";
import type { IntegralRequest } from "../../numerics/quadrature/tolerance.js";
import type { PointSolver } from "../../scattering/contract.js";
import type { ScatteringPoint } from "../../scattering/point.js";
import type { Fillings } from "../energy/fillings.js";
import { timeDelay } from "../energy/state-count.js";
import { delayFloor, WindowIntegrator } from "../energy/window-integral.js";
import type { Forces } from "../forces/result.js";
import { addProbeErrors, largest } from "./voltage-errors.js";

/** Relative rounding of a chemical potential, with a margin for its effect on the fillings. */
const POTENTIAL_ROUNDING = 4 * 2 ** -53;

/**
 * Loosest tolerance of the potentials. How friction, noise and currents per velocity change with a
 * potential is known roughly only, so that potentials must be known well.
 */
const SETTLED = 1e-10;
/** The same in units of the question's tolerance, and the tightest. */
const FINER = 0.03;
const FINEST = 1e-13;

/** The voltage probes of one device at any fillings. */
export class ProbeSolver {
  /** dmu_a/dX_nu of the bias part, leads x directions; nonzero for probes only. */
  readonly drift: Float64Array;
  /**
   * Weights of Pi_q - S^+ Pi_q S in the force operator of the noise, directions x leads; nonzero
   * for probes only.
   */
  readonly noiseMix: Float64Array;
  private readonly solver: PointSolver;
  private readonly fillings: Fillings;
  /** Lead index of each probe. */
  private readonly probes: Int32Array;
  private readonly integrator: WindowIntegrator;
  private readonly request: IntegralRequest;
  private readonly steps: Float64Array;
  // Layout of the integral: J per lead, then dJ/dmu_q and dJ^E/dmu_q (leads x probes), then
  // dF/dmu_q (directions x probes) and dJ_q/dX (probes x directions).
  private readonly jacobian: number;
  private readonly energyResponse: number;
  private readonly forceResponse: number;
  private readonly currentGradient: number;
  private readonly delay: number;
  private readonly matrix: Float64Array;
  /** Energies of the nodes that are being evaluated. */
  private energies = new Float64Array();
  /** The components at one of these nodes. */
  private readonly row: Float64Array;
  /** Values of the last integration, and their errors. */
  private readonly values: Float64Array;
  private readonly unknown: Float64Array;
  /** First component of each group. */
  private readonly starts: number[];
  private readonly trial: Float64Array;
  private readonly inverse: Float64Array;

  constructor(solver: PointSolver, fillings: Fillings) {
    this.solver = solver;
    this.fillings = fillings;
    this.probes = Int32Array.from(solver.probes.flatMap((probe, a) => (probe ? [a] : [])));
    const [leads, count] = [solver.leads.length, this.probes.length];
    this.jacobian = leads;
    this.energyResponse = leads + leads * count;
    this.forceResponse = leads + 2 * leads * count;
    this.currentGradient = this.forceResponse + solver.directions * count;
    this.delay = this.currentGradient + solver.directions * count;
    const length = this.delay + 1;
    this.integrator = new WindowIntegrator(solver, length, this.delay);
    this.starts = [
      0,
      this.jacobian,
      this.energyResponse,
      this.forceResponse,
      this.currentGradient,
      this.delay,
    ];
    const group = (i: number) => this.starts.filter((start) => i >= start).length - 1;
    this.row = new Float64Array(length);
    this.steps = new Float64Array(length);
    this.request = {
      tolerance: 1e-10,
      groups: Int32Array.from({ length }, (_, i) => group(i)),
      offsets: this.steps,
      floors: new Float64Array(6),
    };
    this.values = new Float64Array(length);
    this.unknown = new Float64Array(length);
    this.trial = new Float64Array(count);
    this.inverse = new Float64Array(count * count);
    this.matrix = new Float64Array(count * count);
    this.noiseMix = new Float64Array(solver.directions * leads);
    this.drift = new Float64Array(leads * solver.directions);
  }

  /** Number of energies solved since the last `settle` began. */
  evaluations = 0;

  /** Sets the probes' chemical potentials so that no net current flows into any probe. */
  settle(asked: number): void {
    const tolerance = Math.min(SETTLED, Math.max(FINER * asked, FINEST));
    const { probes, values, fillings, trial } = this;
    const count = probes.length;
    this.request.tolerance = 0.1 * tolerance;
    this.evaluations = 0;
    this.integrateResponses(tolerance, asked);
    let residual = this.residual();
    const scale = () => values.subarray(0, this.jacobian).reduce((most, j) => Math.max(most, Math.abs(j)), 0);
    for (let step = 0; step < 60 && residual > 1e-3 * tolerance * scale() + 1e-300; step++) {
      this.invertJacobian();
      for (let p = 0; p < count; p++) trial[p] = fillings.mu[probes[p]];
      const before = residual;
      // Newton's step is halved while it increases the currents, because steps of f at T = 0 make
      // kinks.
      let length = 1;
      const current = values.slice(0, this.jacobian);
      for (;;) {
        for (let p = 0; p < count; p++) {
          let change = 0;
          for (let q = 0; q < count; q++) change -= this.inverse[p * count + q] * current[probes[q]];
          fillings.mu[probes[p]] = trial[p] + length * change;
        }
        this.integrateResponses(tolerance, asked);
        residual = this.residual();
        if (residual < before || length < 1e-3 || before <= this.rounding()) break;
        length /= 2;
      }
      if (!(residual < before)) {
        if (before <= asked * scale() + this.rounding()) break;
        throw new NumericalError("the voltage probes' chemical potentials did not converge", {
          energy: fillings.mu[probes[0]],
          causes: [
            "a probe that couples to nothing at this energy",
            "sharp resonances at T = 0: raise the temperature",
          ],
        });
      }
    }
    this.invertJacobian();
    this.setNoiseMix();
    this.setDrift();
  }

  /** Change of a current when a chemical potential changes by its rounding. */
  private rounding(): number {
    const potential = this.fillings.mu.reduce((most, mu) => Math.max(most, Math.abs(mu)), 0);
    return POTENTIAL_ROUNDING * potential * largest(this.values, this.jacobian, this.energyResponse);
  }

  /**
   * Adds the effect of what is unknown about the probes to the errors. `delay` is the longest one,
   * over which friction and noise change with a potential.
   */
  addErrors(result: Forces, delay: number): void {
    const { probes, values, unknown, inverse, drift, noiseMix, starts, fillings } = this;
    const response = { probes, values, unknown, inverse, drift, noiseMix, starts, span: fillings.span };
    addProbeErrors(response, result, delay);
  }

  /** Sets dmu_q/dX_nu = -sum_p ((dJ/dmu)^-1)_qp dJ_p/dX_nu. */
  private setDrift(): void {
    const { probes, values, inverse, drift, currentGradient } = this;
    const [count, d] = [probes.length, this.solver.directions];
    for (let q = 0; q < count; q++) {
      for (let nu = 0; nu < d; nu++) {
        let sum = 0;
        for (let p = 0; p < count; p++) sum -= inverse[q * count + p] * values[currentGradient + p * d + nu];
        drift[probes[q] * d + nu] = sum;
      }
    }
  }

  /** Largest current that remains in a probe. */
  private residual(): number {
    let worst = 0;
    for (const lead of this.probes) worst = Math.max(worst, Math.abs(this.values[lead]));
    return worst;
  }

  /**
   * Adds the response of the probes' chemical potentials to the velocity: to the friction and to
   * the currents of order 1.
   */
  addVelocityResponse(result: Forces): void {
    const { probes, values, inverse } = this;
    const count = probes.length;
    const d = result.directions;
    const own = Float64Array.from(result.currentPerVelocity);
    for (let nu = 0; nu < d; nu++) {
      for (let p = 0; p < count; p++) {
        // Change of mu_p per velocity of direction nu.
        let shift = 0;
        for (let q = 0; q < count; q++) shift -= inverse[p * count + q] * own[probes[q] * d + nu];
        for (let i = 0; i < d; i++)
          result.friction[i * d + nu] -= values[this.forceResponse + i * count + p] * shift;
        for (let a = 0; a < result.leads.length; a++) {
          result.currentPerVelocity[a * d + nu] += values[this.jacobian + a * count + p] * shift;
          result.energyCurrentPerVelocity[a * d + nu] += values[this.energyResponse + a * count + p] * shift;
        }
      }
    }
  }

  /** Sets mix[nu, q] = sum_p (dF_nu/dmu_p) ((dJ/dmu)^-1)_pq. */
  private setNoiseMix(): void {
    const { probes, values, inverse, noiseMix } = this;
    const count = probes.length;
    noiseMix.fill(0);
    for (let nu = 0; nu < this.solver.directions; nu++) {
      for (let q = 0; q < count; q++) {
        let sum = 0;
        for (let p = 0; p < count; p++)
          sum += values[this.forceResponse + nu * count + p] * inverse[p * count + q];
        noiseMix[nu * this.solver.leads.length + probes[q]] = sum;
      }
    }
  }

  /** Integrates the currents and all derivatives by the probes' mu, at the present fillings. */
  private integrateResponses(tolerance: number, asked: number): void {
    const { fillings, steps, values, integrator } = this;
    const { mu, temperature } = fillings;
    steps.fill(0);
    for (const probe of this.probes) {
      if (temperature[probe] !== 0) continue;
      const point = this.solver.solve(mu[probe], { energyDerivative: false });
      fillings.atStep(mu[probe]);
      this.addPotentialResponse(point, mu[probe], steps, probe);
    }
    // Currents are exact down to tiny transmissions. Responses are differences of numbers of order
    // one.
    const energy = this.solver.energyScale();
    this.request.floors!.set([
      1e-20 * energy,
      1e-6,
      1e-6 * energy,
      (1e-6 * this.solver.lambdaScale()) / energy,
      1e-6 * this.solver.lambdaScale(),
      delayFloor(this.request.tolerance),
    ]);
    const status = integrator.integrate(mu, temperature, 1e-3 * tolerance, this.evaluate, this.request);
    this.evaluations += status.evaluations;
    if (!status.converged && !(status.relativeError <= asked && integrator.accounted)) {
      throw new NumericalError("the energy integral of the probe currents did not converge", {
        energy: status.worst,
      });
    }
    for (let i = 0; i < values.length; i++) values[i] = steps[i] + integrator.values[i];
    this.unknown.set(integrator.errors);
  }

  private readonly evaluate: VectorIntegrand = {
    evaluateNodes: (nodes, out, components) => {
      if (this.energies.length < nodes.count) this.energies = new Float64Array(2 * nodes.count);
      for (let k = 0; k < nodes.count; k++) this.energies[k] = nodeOf(nodes, k);
      this.solver.solveEach(this.energies, nodes.count, { energyDerivative: true }, (point, k) => {
        this.row.fill(0);
        this.addPoint(point, this.energies[k], this.row);
        for (let i = 0, at = k * components; i < components; i++, at++) out[at] += this.row[i];
      });
    },
    evaluatePanels: () => false,
  };

  /** Adds the components at one point. */
  private addPoint(point: ScatteringPoint, energy: number, out: Float64Array): void {
    this.fillings.at(energy);
    out[this.delay] = timeDelay(point);
    const { channels: m, channelLead, S } = point;
    const leads = this.solver.leads.length;
    for (let a = 0; a < m; a++) {
      for (let b = 0; b < m; b++) {
        const weight = this.fillings.difference[channelLead[a] * leads + channelLead[b]];
        const i = 2 * (a * m + b);
        out[channelLead[a]] += (weight * (S[i] * S[i] + S[i + 1] * S[i + 1])) / (2 * Math.PI);
      }
    }
    this.addCurrentGradient(point, out);
    for (const probe of this.probes)
      if (this.fillings.derivative[probe] !== 0) this.addPotentialResponse(point, energy, out, probe);
  }

  /** Adds dJ_p/dX_nu = (1/2pi) sum_b (f_p - f_b) 2 Im[S_ab^* (S K_nu)_ab]. */
  private addCurrentGradient({ channels: m, channelLead, S, K }: ScatteringPoint, out: Float64Array): void {
    const leads = this.solver.leads.length;
    for (let a = 0; a < m; a++) {
      const probe = this.probes.indexOf(channelLead[a]);
      if (probe < 0) continue;
      for (let b = 0; b < m; b++) {
        const weight = this.fillings.difference[channelLead[a] * leads + channelLead[b]];
        if (weight === 0) continue;
        const i = 2 * (a * m + b);
        for (let nu = 0; nu < K.length; nu++) {
          let [re, im] = [0, 0];
          for (let c = 0; c < m; c++) {
            const [p, q] = [2 * (a * m + c), 2 * (c * m + b)];
            re += S[p] * K[nu][q] - S[p + 1] * K[nu][q + 1];
            im += S[p] * K[nu][q + 1] + S[p + 1] * K[nu][q];
          }
          out[this.currentGradient + probe * K.length + nu] +=
            (weight * (S[i] * im - S[i + 1] * re)) / Math.PI;
        }
      }
    }
  }

  /**
   * Adds (1/2pi) (-f'_q) times delta_aq - |S_aq|^2 (current), the same times E (energy current),
   * and -(K_nu)_qq (force).
   */
  private addPotentialResponse(
    point: ScatteringPoint,
    energy: number,
    out: Float64Array,
    probe: number,
  ): void {
    const { channels: m, channelLead, S, K } = point;
    const count = this.probes.length;
    const column = this.probes.indexOf(probe);
    const weight = -this.fillings.derivative[probe] / (2 * Math.PI);
    for (let b = 0; b < m; b++) {
      if (channelLead[b] !== probe) continue;
      for (let a = 0; a < m; a++) {
        const i = 2 * (a * m + b);
        const share = weight * ((a === b ? 1 : 0) - S[i] * S[i] - S[i + 1] * S[i + 1]);
        out[this.jacobian + channelLead[a] * count + column] += share;
        out[this.energyResponse + channelLead[a] * count + column] += energy * share;
      }
      for (let nu = 0; nu < this.solver.directions; nu++) {
        out[this.forceResponse + nu * count + column] -= weight * K[nu][2 * (b * m + b)];
      }
    }
  }

  /** Inverts dJ_p/dmu_q. A probe that couples to nothing keeps its chemical potential. */
  private invertJacobian(): void {
    const { probes, values, matrix, inverse } = this;
    const n = probes.length;
    for (let p = 0; p < n; p++)
      for (let q = 0; q < n; q++) matrix[p * n + q] = values[this.jacobian + probes[p] * n + q];
    invert(matrix, n, inverse);
  }
}
