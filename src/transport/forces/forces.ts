// Everything a mechanical coordinate feels at one configuration, and the currents that go with it, at any bias and any
// temperatures (docs/physics.md, sections 4 to 6): cold steps at their chemical potentials, then the energy window, then the filled
// sea by contour; voltage probes are first solved for zero net current, energy-resolved ones at each energy on the way.
// Bound states, and levels that no lead reaches, are filled like the sea: with the filling of the first reservoir.

import { NumericalError } from "../../base/errors.js";
import type { Reservoir } from "../../model/types.js";
import { lowOf, nodeOf, type VectorIntegrand } from "../../numerics/quadrature/integrand.js";
import { type IntegralRequest, type IntegralStatus, ROUNDED } from "../../numerics/quadrature/tolerance.js";
import {
  type PointOptions,
  type PointSolver,
  type ScatteringPoint,
  UNITARY,
} from "../../scattering/point.js";
import { partOf, spentCause } from "../energy/budget.js";
import { atEdges, type Divergence, type EdgeBehaviour } from "../energy/divergence.js";
import { fermiSlope, thermalReach } from "../energy/fermi.js";
import { steepness, timeDelay } from "../energy/resonances.js";
import { delayFloor, WindowIntegrator } from "../energy/window-integral.js";
import { DephasingProbes } from "../probes/energy-resolved.js";
import { ProbeSolver } from "../probes/voltage.js";
import { addCharges, addMotor } from "../pump/emissivity.js";
import { isKnown, keepAttempt, takeBetter } from "./attempts.js";
import { ForceIntegrand } from "./integrand.js";
import { type ForceLayout, forceLayout, GROUPS, setScaleFloors } from "./layout.js";
import type { Dephasing, ForceOptions } from "./options.js";
import { PairBatch } from "./pair-batch.js";
import { addPair, flatten, isPair, mayBePair } from "./pair-integrand.js";
import { PairWeights } from "./pair-weights.js";
import {
  arrange,
  attainable,
  byQuantity,
  certify,
  type Forces,
  largest,
  leastKnown,
  leaveOut,
  leaveOutDiverging,
  setScales,
  warnOfRounding,
} from "./result.js";
import { SeaIntegrator, type SeaScale } from "./sea.js";

/** Rounding of an energy in units of the rounding of integrands (tolerance.ts); integrands are of second order in the scattering states. The kernel of pairs has it too. */
const CONDITIONING = 0.3;
/** The window ends where f (1 - f) is below this: with the tolerance, and for linear response, whose conductance may all come from the tails. */
const TAIL = 1e-3;
const RESPONSE_TAIL = 1e-18;
/** What may lie beyond, in units of what an integrand that grows like the energy leaves there. */
const BEYOND = 2;
/** Relative rounding of an integrand, with a margin. */
const ROUNDING = 1e-15;
/** The same of what a step of the fillings adds, a few products of solved vectors at one energy. */
const STEP_ROUNDING = 4e-15;
/** A temperature below this part of the chemical potentials asks for the digits that energies lack. */
const COLD = 1e-5;
/** Longest delay, in units of the energies of device and window, up to which nothing is lost by rounding. */
const LONG_DELAY = 100;
/** A delay so long that rounding may keep the integral from converging, and the most panels then spent on it before points are refined. */
const NOISY_DELAY = 1e4;
const NOISY_PANELS = 600;
/** Most panels of a refined integral, at least and per resonance. */
const REFINED_PANELS = 800;
const PANELS_EACH = 60;
/** Floors of the scales in a refined integral, in units of the ordinary ones. */
const REFINED_FLOOR = 1e-6;
/** Parts of the asked error that the integral itself may have; rounding comes on top: where it is nothing, and where it is not. */
const TRUNCATION = 0.99;
const HALF = 0.5;
/**
 * Towards a band edge at which an integrand grows nearly like 1/distance the estimates of the panels fall short of the true errors, by up to five times as
 * far as was seen: such integrals are asked for this part of the tolerance, and their errors are counted as many times.
 */
const STEEP_MARGIN = 10;
/** Part of what is allowed below which the rounding of the sea's levels is not looked at closer, and thermal energies beyond which a level is far. */
const UNFELT = 0.01;
const FAR = 40;

/** Largest |K| / 2 pi of one direction: a bound of |Tr K|, and of what other changes of levels than a common one do. */
function forceOf({ channels: m, K }: ScatteringPoint): number {
  let most = 0;
  for (const matrix of K) {
    let square = 0;
    for (let i = 0; i < 2 * m * m; i++) square += matrix[i] * matrix[i];
    most = Math.max(most, square);
  }
  return Math.sqrt(m * most) / (2 * Math.PI);
}

/** What many computations of one solver have in common. */
export interface ForceSeries {
  /** Also linear response at this reservoir, T > 0, on the same energies: for one direction, without probes. */
  response?: Reservoir;
  /** Also the force in equilibrium at this reservoir, T > 0, on the same energies, where all levels in the window are seen by a lead. */
  equilibrium?: Reservoir;
  /**
   * Configurations follow each other in small steps: each begins with the energies at which the one before ended. Half the work; results depend
   * on the order, within their errors.
   */
  following?: boolean;
  /** What diverges at one configuration is integrated as far as digits go: where configurations are integrated over, the integral may be finite. */
  throughDivergences?: boolean;
}

/** Computes forces of one solver again and again; keeps its buffers. */
export class ForceCalculator {
  /** Whether what rounding takes is looked for in higher precision; if not, only where an integral does not converge otherwise. */
  refines = true;
  /** Whether an answer may have quantities whose errors are above the tolerance, for the caller to judge; if not, NumericalError. */
  partial = false;
  private readonly solver: PointSolver;
  private readonly response: Reservoir | undefined;
  private readonly layout: ForceLayout;
  private readonly window: WindowIntegrator;
  private readonly integrand: ForceIntegrand;
  /** Points of one channel per lead may be taken the short way. */
  private readonly pair: boolean;
  private readonly weights = new PairWeights();
  /** Energies of the nodes that are being evaluated, and the integrand at one of them. */
  private energies = new Float64Array();
  private readonly row: Float64Array;
  /** One such point and its energy. */
  private readonly alone = new Float64Array(1);
  private readonly numbers = new Float64Array(32);
  private readonly batch: PairBatch | undefined;
  private readonly sea: SeaIntegrator;
  private readonly voltage: ProbeSolver | null;
  private readonly elastic: DephasingProbes | null;
  private readonly request: IntegralRequest;
  private readonly steps: Float64Array;
  private readonly stepErrors: Float64Array;
  private readonly sample: Float64Array;
  private readonly rates: Float64Array;
  private readonly seaScale: SeaScale;
  private readonly options: PointOptions;
  /** The energy-resolved probes, if they are in force. */
  private resolved: DephasingProbes | null = null;
  /** What diverges at the configuration in force: its components are zero. */
  private diverging: Divergence[] = [];
  private readonly throughDivergences: boolean;
  /** Edges in the window at which some integrand is steep. */
  private steepEdges: number[] = [];
  private unitarity = 0;
  private scale = 1;
  /** Size of the energies that are rounded: those of the device and of the window. */
  private digits = 1;
  /** Whether a thermal edge is so narrow that the rounding of an energy counts on its scale. */
  private cold = false;
  /** True while points are solved in higher precision; false again once the device turns out too large for that. */
  private refining = false;
  private longestDelay = 0;
  /** Largest |K| / 2 pi, of one direction, at a step of the fillings. */
  private forceAtStep = 0;

  /** For the directions now in force in the solver (they must stay as many). */
  constructor(
    solver: PointSolver,
    { response, equilibrium, following, throughDivergences = false }: ForceSeries = {},
  ) {
    this.throughDivergences = throughDivergences;
    this.solver = solver;
    this.response = response;
    this.layout = forceLayout(
      solver.directions,
      solver.leads.length,
      response !== undefined,
      equilibrium !== undefined,
    );
    const { layout } = this;
    this.window = new WindowIntegrator(solver, layout.length, layout.delay, following);
    this.integrand = new ForceIntegrand(layout, solver.reciprocal);
    this.integrand.fillings.equilibrium = equilibrium;
    this.pair = mayBePair(layout, solver.probes);
    const tables = this.pair ? solver.pairTables() : undefined;
    if (tables) this.batch = new PairBatch(layout, this.integrand.fillings, response, tables);
    this.sea = new SeaIntegrator(solver);
    const probes = solver.probes.includes(true);
    this.voltage = probes ? new ProbeSolver(solver, this.integrand.fillings) : null;
    this.elastic = probes ? new DephasingProbes(layout, solver.probes, this.integrand.fillings) : null;
    this.steps = new Float64Array(layout.length);
    this.stepErrors = new Float64Array(layout.length);
    this.sample = new Float64Array(layout.length);
    this.row = new Float64Array(layout.length);
    this.rates = new Float64Array(solver.leads.length * solver.directions);
    this.seaScale = {
      force: new Float64Array(solver.directions),
      friction: 0,
      judged: { force: 0, friction: 0 },
    };
    this.request = {
      tolerance: 1e-8,
      groups: layout.groups,
      counted: layout.counted,
      offsets: this.steps,
      offsetErrors: this.stepErrors,
      floors: new Float64Array(GROUPS + 1),
      judged: new Float64Array(GROUPS + 1),
    };
    this.options = { firstOrder: true, lorentz: solver.directions > 1 };
  }

  /**
   * Force, friction, noise and currents of the solver's configuration; `reservoirs[a]` belongs to lead a (ignored for probes).
   * Throws NumericalError where the integrals do not converge. Where only rounding keeps a quantity from the tolerance (next to a
   * resonance far narrower than the window) the result comes with its true error and a warning.
   */
  compute(
    reservoirs: readonly (Reservoir | undefined)[],
    { tolerance = 1e-8, dephasing = "voltage" }: ForceOptions = {},
  ): Forces {
    const { solver } = this;
    const voltage = this.prepare(reservoirs, tolerance, dephasing);
    const { diverging, steep } = this.behaviourAtEdges(tolerance);
    this.steepEdges = steep.map(({ energy }) => energy);
    if (!this.throughDivergences) this.diverging = diverging;
    // What is left out is not in the way of the rest.
    this.window.window.steep = steep.filter(
      ({ group }) => !this.diverging.some((divergence) => divergence.group === group),
    );
    let evaluations = voltage?.evaluations ?? 0;
    let result = this.assembled(tolerance, TRUNCATION);
    evaluations += result.evaluations;
    // Rounding, or the filled sea, on top of an integral that just met the tolerance: as much less is left for the integral.
    if (result.error > tolerance && result.error < 2 * tolerance && !solver.budget?.spent) {
      const closer = this.closer(tolerance);
      evaluations += closer?.evaluations ?? 0;
      result = closer ?? result;
    }
    result.evaluations = evaluations;
    warnOfRounding(result, tolerance);
    voltage?.addVelocityResponse(result);
    leaveOutDiverging(result, this.diverging);
    certify(result, this.unitarity, this.isEquilibrium(), tolerance);
    if (solver.limits) leaveOut(result, solver.limits, this.isEquilibrium());
    return result;
  }

  /** What diverges at the solver's configuration, whatever `throughDivergences` says. */
  divergences(
    reservoirs: readonly (Reservoir | undefined)[],
    { tolerance = 1e-8, dephasing = "voltage" }: ForceOptions = {},
  ): Divergence[] {
    this.prepare(reservoirs, tolerance, dephasing);
    return this.behaviourAtEdges(tolerance).diverging;
  }

  /** Fillings, probes and scales for the configuration in force; returns the voltage probes. */
  private prepare(
    reservoirs: readonly (Reservoir | undefined)[],
    tolerance: number,
    dephasing: Dephasing,
  ): ProbeSolver | null {
    const { integrand, solver, request } = this;
    const { fillings } = integrand;
    // A parameter that acts on an isolated piece is refused before a level of the piece is met.
    solver.traceLambda();
    const reference = this.setReservoirs(reservoirs);
    fillings.referenceMu = fillings.mu[reference];
    fillings.referenceTemperature = fillings.temperature[reference];
    this.unitarity = 0;
    this.resolved = dephasing === "energy-resolved" ? this.elastic : null;
    const voltage = this.resolved ? null : this.voltage;
    integrand.noiseMix = this.resolved?.noiseMix ?? null;
    if (voltage) {
      voltage.settle(tolerance);
      integrand.noiseMix = voltage.noiseMix;
    }

    request.budget = solver.budget;
    this.scale = solver.energyScale();
    this.noteDigits();
    setScaleFloors(request.judged!, solver.lambdaScale(), this.scale, this.span());
    request.judged![GROUPS] = delayFloor(tolerance);
    return voltage;
  }

  /** Integrals that diverge at a band edge inside the window, or nearly do. */
  private behaviourAtEdges(tolerance: number): EdgeBehaviour {
    const { solver, layout, request, scale } = this;
    const { mu, temperature } = this.integrand.fillings;
    const reach = thermalReach(TAIL * tolerance);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let a = 0; a < mu.length; a++) {
      low = Math.min(low, mu[a] - reach * temperature[a]);
      high = Math.max(high, mu[a] + reach * temperature[a]);
    }
    this.diverging = [];
    this.refining = false;
    const edges = high > low ? solver.bandEdges(low, high) : [];
    if (edges.length === 0) return { diverging: [], steep: [] };
    return atEdges(this.evaluate, edges, {
      scale,
      groups: layout.groups,
      counted: layout.delay,
      allowed: (group) => tolerance * request.judged![group],
      rounding: (sample, i) => ROUNDING * sample[layout.counted + layout.groups[i]],
    });
  }

  /** With half of the tolerance for the integral; nothing where that cannot be had. */
  private closer(tolerance: number): Forces | undefined {
    try {
      return this.assembled(tolerance, HALF);
    } catch (error) {
      if (error instanceof NumericalError) return undefined;
      throw error;
    }
  }

  /** By how much the estimates of panels are taken to fall short. */
  private get margin(): number {
    return this.window.window.steep.length > 0 ? STEEP_MARGIN : 1;
  }

  /** Everything but certificates and warnings, with the integral over the window to a part of the tolerance. */
  private assembled(tolerance: number, part: number): Forces {
    const { layout, steps, solver, request } = this;
    const { status, evaluations } = this.integrateWindow(tolerance, part);
    const { values, errors, scales } = this.window;
    const reached = status.converged || status.relativeError <= tolerance;
    if (!reached && !(this.partial && this.window.accounted))
      throw this.notConverged(status.worst, tolerance);
    for (let i = 0; i < layout.length; i++) {
      steps[i] += values[i];
      errors[i] *= this.margin;
    }
    const sea = this.addSea(HALF * tolerance);

    const result = arrange(layout, steps, solver.leads, this.integrand.fillings);
    result.errors = byQuantity(layout, errors);
    const own = byQuantity(layout, scales);
    own.force = Math.max(own.force, sea.forceScale, largest(result.force));
    own.friction = Math.max(own.friction, largest(result.friction));
    setScales(result, own, request.judged!);
    if (this.response) {
      const { response: from, counted: to } = layout;
      result.response = { values: values.slice(from, to), errors: errors.slice(from, to) };
    }
    // A bound state keeps the filling of the first reservoir, and is no part of the integral over the bands.
    const { fillings } = this.integrand;
    if (fillings.equilibrium && this.window.complete && !this.window.window.hidesBoundStates())
      result.equilibriumForce = sea.force.map((force, nu) => force + values[layout.equilibrium + nu]);
    result.errors.force += sea.forceError;
    result.errors.friction += sea.lorentzError;
    if (!this.resolved) this.voltage?.addErrors(result);
    result.worst = status.worst;
    [, result.error] = leastKnown(result.errors, result.scales);
    result.evaluations = evaluations + sea.evaluations;
    return result;
  }

  private notConverged(energy: number, tolerance: number): NumericalError {
    const { layout, window, request, solver } = this;
    const result = { scales: byQuantity(layout, window.scales), errors: byQuantity(layout, window.errors) };
    const floors = byQuantity(
      layout,
      Float64Array.from(layout.groups, (group) => request.judged![group]),
    );
    for (const key of Object.keys(floors) as (keyof typeof floors)[])
      result.scales[key] = Math.max(result.scales[key], floors[key]);
    const [quantity, relative] = leastKnown(result.errors, result.scales);
    return new NumericalError(
      `the energy integral of the forces did not converge: ${quantity} is known to ${relative.toExponential(1)} of its scale, asked for ${tolerance}`,
      {
        energy,
        causes: [
          ...(solver.budget?.spent ? [spentCause(solver.budget.allowed)] : []),
          ...(this.resolved
            ? [
                "a probe cut off from all reservoirs at this energy: its filling cannot follow, friction diverges",
              ]
            : []),
          ...attainable(relative),
          "a bound state inside the window that couples to no lead",
          "a lead's Green's function that is inaccurate at a band edge",
        ],
      },
    );
  }

  /**
   * Cold steps and the window. Where rounding next to a narrow resonance keeps a quantity from the tolerance, or a small one from being known at all, once more
   * in higher precision: then to the tolerance of much smaller scales, if that can be had.
   */
  private integrateWindow(tolerance: number, part: number): { status: IntegralStatus; evaluations: number } {
    const { request, solver } = this;
    const { floors, judged } = request;
    this.refining = false;
    this.longestDelay = 0;
    floors!.set(judged!);
    let evaluations = 0;
    const attempt = (part: number): IntegralStatus => {
      request.beyond = this.beyond(tolerance);
      request.tolerance = (part * tolerance - request.beyond) / this.margin;
      const status = this.attempt(tolerance);
      evaluations += status.evaluations;
      return status;
    };
    const reached = ({ converged, relativeError }: IntegralStatus) => converged && relativeError <= tolerance;
    let status = attempt(part);
    if (reached(status) && status.relativeRounding <= tolerance) return { status, evaluations };
    if (solver.budget?.spent) return { status, evaluations };
    if (solver.refines && !this.limitedByLeads && this.wantsDigits(status, tolerance)) {
      const before = keepAttempt(status, this.window, this.steps);
      const unitarity = this.unitarity;
      for (const depth of [REFINED_FLOOR, 1]) {
        this.refining = true;
        for (let g = 0; g < GROUPS; g++) floors![g] = depth * judged![g];
        // The digits of what is small are worth half of what is left.
        request.budget = solver.budget && (depth < 1 ? partOf(solver.budget, HALF) : solver.budget);
        status = attempt(HALF);
        if (status.converged || status.relativeError <= tolerance || solver.budget?.spent) break;
        if (isKnown(before, this.layout, judged!, tolerance)) break;
      }
      request.budget = solver.budget;
      if (!reached(status)) {
        status = takeBetter(before, status, this.window, this.steps, request);
        this.unitarity = Math.max(this.unitarity, unitarity);
      }
    } else if (!status.converged && part < TRUNCATION) status = attempt(TRUNCATION);
    return { status, evaluations };
  }

  /** Whether higher precision may give what an attempt in doubles has not: only where rounding, and not the panels, stands in the way. */
  private wantsDigits({ converged, relativeError, ...rounding }: IntegralStatus, tolerance: number): boolean {
    const narrow = this.longestDelay * Math.max(1, this.span() / this.scale) > LONG_DELAY;
    if (!converged) return narrow;
    if (!this.refines) return false;
    if (relativeError > tolerance && rounding.judgedRounding > 0.9 * ROUNDED * tolerance) return true;
    return narrow && rounding.relativeRounding > tolerance;
  }

  /** What lies in the thermal tails beyond the window, in parts of the integrals. */
  private beyond(tolerance: number): number {
    if (!this.integrand.fillings.temperature.some((t) => t > 0)) return 0;
    const tail = this.tail(tolerance);
    // Energies times fillings fall off as x exp(-x), other things of the device may grow on the way.
    return BEYOND * tail * (1 + thermalReach(tail));
  }

  /** f (1 - f) at the ends of the window. */
  private tail(tolerance: number): number {
    return this.response ? RESPONSE_TAIL : TAIL * tolerance;
  }

  private attempt(tolerance: number): IntegralStatus {
    // Without noise few panels do; with it any number would not.
    const { count } = this.window.window.resonances;
    this.request.panels = this.refining ? Math.max(REFINED_PANELS, PANELS_EACH * count) : undefined;
    const { mu, temperature } = this.integrand.fillings;
    this.unitarity = 0;
    // The cold steps count for the scale of the integrals over the window, both for that of the sea.
    const solved = this.addSteps();
    const status = this.window.integrate(mu, temperature, this.tail(tolerance), this.evaluate, this.request);
    status.evaluations += solved;
    return status;
  }

  /** The filled sea at the reference filling, on the scale of what the window gave. */
  private addSea(tolerance: number) {
    const { layout, steps, seaScale, sea } = this;
    const { referenceMu, referenceTemperature } = this.integrand.fillings;
    seaScale.force.set(steps.subarray(layout.force, layout.force + layout.directions));
    seaScale.friction = largest(steps.subarray(layout.friction, layout.current));
    const { judged } = this.request;
    seaScale.judged = {
      force: judged![layout.groups[layout.force]],
      friction: judged![layout.groups[layout.friction]],
    };
    const result = sea.compute(referenceMu, referenceTemperature, tolerance, seaScale);
    const rounded = CONDITIONING * ROUNDING * this.solver.roundedScale(referenceMu);
    const least = (UNFELT * tolerance * judged![layout.groups[layout.force]]) / rounded;
    result.forceError += rounded * this.seaSlope(least);
    for (let nu = 0; nu < layout.directions; nu++) steps[layout.force + nu] += result.force[nu];
    for (let p = 0; p < result.lorentz.length; p++) steps[layout.lorentz + p] += result.lorentz[p];
    return result;
  }

  /**
   * A bound of how the force of the sea changes with its levels: at T = 0 by |K| / 2 pi at the chemical potential, at T > 0 by the average of that with -df/dE. A level of
   * any width changes its filling within some T; where none is near, K hardly changes over T, and at equal fillings the friction holds the average of
   * Tr K^2 / 4 pi. Below `least` no better bound is looked for.
   */
  private seaSlope(least: number): number {
    const { layout, steps, solver } = this;
    const { referenceMu: mu, referenceTemperature: temperature } = this.integrand.fillings;
    if (temperature === 0) return this.forceAtStep;
    let slope = solver.lambdaScale() / temperature;
    if (this.isEquilibrium()) {
      const friction = largest(steps.subarray(layout.friction, layout.current));
      slope = Math.min(slope, Math.sqrt((solver.leads.length * friction) / Math.PI));
    }
    if (slope <= least) return slope;
    try {
      const reach = FAR * temperature;
      if (solver.eigenvaluesBelow(mu - reach) !== solver.eigenvaluesBelow(mu + reach)) return slope;
      return Math.min(slope, 2 * forceOf(solver.solve(mu, { firstOrder: false })));
    } catch (error) {
      // A lead without an answer at one of these energies.
      if (error instanceof NumericalError) return slope;
      throw error;
    }
  }

  /** Copies mu and T per lead; probes start at the mean. Returns the reference lead: the first that is not a probe. */
  private setReservoirs(reservoirs: readonly (Reservoir | undefined)[]): number {
    const { mu, temperature } = this.integrand.fillings;
    const { probes, leads } = this.solver;
    const first = Math.max(probes.indexOf(false), 0);
    // Means as the first plus the mean difference: exact for equal reservoirs.
    let [count, excessMu, excessTemperature] = [0, 0, 0];
    for (let a = 0; a < leads.length; a++) {
      if (probes[a]) continue;
      const reservoir = reservoirs[a];
      if (!reservoir) throw new Error(`no reservoir for lead ${leads[a]}`);
      mu[a] = reservoir.chemicalPotential;
      temperature[a] = reservoir.temperature;
      excessMu += mu[a] - mu[first];
      excessTemperature += temperature[a] - temperature[first];
      count++;
    }
    // Without any reservoir but probes nothing fixes mu: zero.
    for (let a = 0; a < leads.length; a++) {
      if (!probes[a]) continue;
      mu[a] = count > 0 ? mu[first] + excessMu / count : 0;
      temperature[a] = count > 0 ? temperature[first] + excessTemperature / count : 0;
    }
    return first;
  }

  /** Width of bias and temperatures. */
  private span(): number {
    const { mu, temperature } = this.integrand.fillings;
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let a = 0; a < mu.length; a++) {
      low = Math.min(low, mu[a] - 4 * temperature[a]);
      high = Math.max(high, mu[a] + 4 * temperature[a]);
    }
    return high - low;
  }

  private isEquilibrium(): boolean {
    const { mu, temperature } = this.integrand.fillings;
    return mu.every((value) => value === mu[0]) && temperature.every((value) => value === temperature[0]);
  }

  /** The integrand over the window. */
  private readonly evaluate: VectorIntegrand = {
    evaluateNodes: (nodes, out, components) => {
      const { count } = nodes;
      if (this.energies.length < count) this.energies = new Float64Array(2 * count);
      const { energies, row } = this;
      for (let k = 0; k < count; k++) energies[k] = nodeOf(nodes, k);
      const padded = count + (count % 2);
      if (this.evaluatePairs(energies, count, padded)) return this.batch!.addNodes(padded, count, out);
      const add = (point: ScatteringPoint, k: number): void => {
        row.fill(0);
        this.addPoint(point, energies[k], lowOf(nodes, k, energies[k]), row);
        for (let i = 0, at = k * components; i < components; i++, at++) out[at] += row[i];
      };
      if (!this.refining) return this.solver.solveEach(energies, count, this.options, add);
      for (let k = 0; k < count; k++) add(this.pointAt(energies[k], lowOf(nodes, k, energies[k]) ?? 0), k);
    },
    evaluatePanels: (nodes, panels, rule, out, factors) => {
      if (!this.evaluatePairs(nodes.x, panels * rule.count, rule.count, factors)) return false;
      this.batch!.sums(panels, rule, out);
      return true;
    },
  };

  /** Adds the integrand at one point. */
  private addPoint(point: ScatteringPoint, energy: number, low: number | undefined, out: Float64Array): void {
    const { layout, weights, numbers, response } = this;
    if (point.unitarityDefect > this.unitarity) this.unitarity = point.unitarityDefect;
    if (this.pair && !point.reduced && !this.cold && isPair(point)) {
      this.alone[0] = energy;
      weights.lay(this.integrand.fillings, response, this.alone, 1);
      flatten(point, numbers);
      addPair(layout, weights.table, 0, numbers, out);
    } else {
      this.integrand.fillings.at(energy, low);
      this.resolved?.fill(point, false);
      this.integrand.filled(point, energy, out);
      this.integrand.slope(point, energy, out);
      this.addMovingProbes(point, energy, out);
      this.resolved?.respond(energy, out);
      out[layout.delay] = timeDelay(point);
      if (response) this.addResponse(response, point, energy, out);
    }
    if (!point.reduced) this.addLost(energy, out);
    const delay = out[layout.delay];
    this.limitNoise(this.noteDelay(energy, delay));
    this.addConditioning(this.phaseOf(point, this.refining && low !== undefined), out, 0);
    for (const { group } of this.diverging)
      for (let i = 0; i < out.length; i++) if (layout.groups[i] === group) out[i] = 0;
  }

  /** Has the integrands of points of one channel per lead, many at once, in `batch`; false where one of them is of another kind. */
  private evaluatePairs(
    energies: Float64Array,
    count: number,
    nodes: number,
    factors?: Float64Array,
  ): boolean {
    const { solver, scale, batch } = this;
    if (!batch || this.refining || this.cold || !solver.pairs || this.diverging.length > 0) return false;
    solver.budget?.spend(count);
    const defect = batch.evaluate(energies, count, nodes, this.digits, factors);
    if (!(defect <= UNITARY)) return false;
    if (defect > this.unitarity) this.unitarity = defect;
    const delays = batch.delays(count, nodes);
    for (let k = 0; k < count; k++) {
      const delay = delays[k];
      if (delay * scale > this.longestDelay || delay * scale > NOISY_DELAY)
        this.limitNoise(this.noteDelay(energies[k], delay));
    }
    return true;
  }

  /** Noise is not integrated for long where there is a way without it. */
  private limitNoise(phase: number): void {
    if (this.refines && !this.refining && phase > NOISY_DELAY && this.solver.refines)
      this.request.panels = NOISY_PANELS;
  }

  /** Sets what rounding of energies is measured by. */
  private noteDigits(): void {
    const { mu, temperature } = this.integrand.fillings;
    let [size, coldest] = [0, Number.POSITIVE_INFINITY];
    for (let a = 0; a < mu.length; a++) {
      size = Math.max(size, Math.abs(mu[a]));
      if (temperature[a] > 0) coldest = Math.min(coldest, temperature[a]);
    }
    this.digits = Math.max(this.scale, size);
    this.cold = coldest < COLD * size;
    // What energies lack of their digits, on the scale of a thermal edge.
    this.request.rounding = this.cold ? 0 : (CONDITIONING * ROUNDING * size) / coldest;
  }

  /** How far phases and sizes of scattering states change with an energy as large as those that are rounded; `exact`: the point's energy is that of its node. */
  private phaseOf(point: ScatteringPoint, exact: boolean): number {
    if (point.reduced && exact) return point.reduced.leadPhase;
    return steepness(point) * this.digits;
  }

  private addResponse(at: Reservoir, point: ScatteringPoint, energy: number, out: Float64Array): void {
    const weight = -fermiSlope(energy, at.chemicalPotential, at.temperature);
    addCharges(point, weight, out, this.layout.response);
    addMotor(point, weight, out, this.layout.response + this.layout.leads);
  }

  /** A delay in units of the energies of device and window, less what a band edge nearby makes of any: there it grows like 1/sqrt(distance). */
  private noteDelay(energy: number, delay: number): number {
    let phase = delay * this.scale;
    if (phase > LONG_DELAY) {
      let room = this.scale;
      for (const edge of this.solver.bandEdges()) room = Math.min(room, Math.abs(energy - edge));
      phase *= Math.sqrt(room / this.scale);
    }
    if (phase > this.longestDelay) this.longestDelay = phase;
    return phase;
  }

  private pointAt(energy: number, low: number): ScatteringPoint {
    const { solver, options } = this;
    const refined = this.refining ? solver.solveRefined(energy, low, options) : undefined;
    if (!refined) this.refining = false;
    const point = refined ?? solver.solve(energy, options);
    if (point.unitarityDefect > this.unitarity) this.unitarity = point.unitarityDefect;
    return point;
  }

  /** What follows from the probes' fillings moving with X. */
  private addMovingProbes(point: ScatteringPoint, energy: number, out: Float64Array): void {
    if (this.resolved) {
      this.integrand.moving(point, energy, this.resolved.rates, out);
    } else if (this.voltage) {
      const { rates, solver, integrand } = this;
      const d = this.layout.directions;
      for (const [a, probe] of solver.probes.entries()) {
        for (let nu = 0; nu < d; nu++)
          rates[a * d + nu] = probe ? -integrand.fillings.slope[a] * this.voltage.drift[a * d + nu] : 0;
      }
      integrand.moving(point, energy, rates, out);
    }
  }

  /**
   * Magnitudes: an energy is known to rounding of the device's energies, which next to a long delay (a narrow resonance) is much: `spread` is the phase that
   * such an energy makes; at a refined point, whose node is exact, only the self-energies of the leads are rounded.
   */
  private addConditioning(spread: number, out: Float64Array, from: number): void {
    const { groups, counted, delay: end } = this.layout;
    const factor = CONDITIONING * spread;
    if (factor < 1) return;
    for (let i = 0; i < end; i++) {
      const at = from + counted + groups[i];
      out[at] = Math.max(out[at], factor * Math.abs(out[from + i]));
    }
  }

  /** Whether what is not known is what leads lose next to an edge at which integrands are steep: higher precision has their doubles. */
  private get limitedByLeads(): boolean {
    return this.steepEdges.some((edge) => this.solver.lostAt(edge) > 0);
  }

  /** Magnitudes: next to an edge of their bands leads are less exact, and what cancels between the products of scattering states with it. */
  private addLost(energy: number, out: Float64Array): void {
    const more = this.solver.lostAt(energy);
    if (more > 0) for (let i = this.layout.counted; i < this.layout.length; i++) out[i] *= 1 + more;
  }

  /** Adds the delta functions of cold leads, each distinct mu once; returns the number of energies solved. */
  private addSteps(): number {
    const { fillings } = this.integrand;
    const { mu, temperature } = fillings;
    const { sample, steps, stepErrors } = this;
    let solved = 0;
    this.forceAtStep = 0;
    steps.fill(0);
    stepErrors.fill(0);
    for (let a = 0; a < mu.length; a++) {
      if (temperature[a] !== 0 || (this.resolved && this.solver.probes[a])) continue;
      let known = false;
      for (let b = 0; b < a; b++) if (temperature[b] === 0 && mu[b] === mu[a]) known = true;
      if (known) continue;
      const point = this.pointAt(mu[a], 0);
      const delay = timeDelay(point);
      this.noteDelay(mu[a], delay);
      // An energy of its own, exact: what is rounded is what it is the difference from.
      const rounded = this.solver.roundedScale(mu[a]);
      const spread = point.reduced ? point.reduced.leadPhase : steepness(point) * rounded;
      const rounding = STEP_ROUNDING + ROUNDING * CONDITIONING * spread;
      this.forceAtStep = Math.max(this.forceAtStep, forceOf(point));
      fillings.atStep(mu[a]);
      this.resolved?.fill(point, true);
      sample.fill(0);
      this.integrand.slope(point, mu[a], sample);
      if (!this.resolved) this.addMovingProbes(point, mu[a], sample);
      this.resolved?.respond(mu[a], sample);
      for (let i = 0; i < steps.length; i++) {
        steps[i] += sample[i];
        stepErrors[i] += rounding * Math.abs(sample[i]);
      }
      solved++;
    }
    return solved;
  }
}
