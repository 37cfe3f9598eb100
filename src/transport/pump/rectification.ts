// The rectified current. Gates couple to the leads by stray capacitances, so that their motion at
// angular speed omega makes a small bias V(t) = R sum_nu C_nu dX_nu/dt. The conductance G(X(t))
// turns this bias into a direct current I (Brouwer, PRB 63, 121303 (2001)), which carries per turn
// the charge Q = 2 pi I / omega:
//
//   I = (omega R / 2pi) loop G sum_nu C_nu dX_nu,     Q = R loop G sum_nu C_nu dX_nu
//
// Like a pumped current, I is proportional to omega and to the area of a small loop. Unlike a
// pumped current, it is even in the magnetic field, because G is. With voltage probes G is the
// conductance between the two leads while no probe draws a net current, which is even in the field
// as well.
//
// The trapezoidal rule in the angle is doubled until it converges. Cost: one factorisation per
// angle at T = 0, some hundreds at T > 0.

import { TURN } from "../../base/constants.js";
import { InputError, NumericalError } from "../../base/errors.js";
import { evaluateCycleInto } from "../../model/cycle.js";
import type { Cycle, CycleFunction } from "../../model/types.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import type { ScatteringPoint } from "../../scattering/point.js";
import { ThermalAverage } from "../energy/thermal-average.js";
import { attainable, GIVEN_CAUSE } from "../forces/result.js";
import { PumpProbes } from "../probes/linear.js";
import { lastHarmonic } from "../turn/last-harmonic.js";
import { checkPumpOptions, type PumpOptions } from "./options.js";

/** Size of the first grid. */
const FEWEST = 16;
/** Size of the largest grid. */
const MOST = 1 << 14;

/** Rectified charge of a turn. */
export interface RectifiedResult {
  /**
   * R loop G sum C dX: particles per turn that enter from the first lead. The direct current is
   * omega / 2pi times this.
   */
  charge: number;
  /** Estimated absolute error of the charge, in particles. */
  error: number;
  /** Number of angles evaluated. */
  points: number;
}

/**
 * Rectified charge per turn. `weights[nu]` is R C_nu, one number per parameter in the order of the
 * names. The device needs exactly two leads that are not probes.
 */
export function rectifiedCharge(
  solver: ScatteringSolver,
  cycle: Cycle | CycleFunction,
  names: readonly string[],
  weights: Float64Array,
  options: PumpOptions,
): RectifiedResult {
  checkPumpOptions(options);
  if (solver.probes.filter((probe) => !probe).length !== 2)
    throw new InputError("device.leads", "rectification takes the conductance between two leads", {
      expected: "two leads that are not probes",
      found: solver.leads.join(", "),
    });
  const values = new Float64Array(names.length);
  const tangent = new Float64Array(names.length);
  const conductance = conductanceOf(solver, options);

  let [sum, size, given] = [0, 0, 0];
  /** Evaluates the integrand at an angle. */
  const addNode = (theta: number): number => {
    evaluateCycleInto(cycle, names, theta, values, tangent);
    let drive = 0;
    for (let nu = 0; nu < weights.length; nu++) drive += weights[nu] * tangent[nu];
    solver.configure(values, tangent);
    const { value, error } = conductance();
    const current = value * drive;
    given += error * Math.abs(drive);
    sum += current;
    size += Math.abs(current);
    return current;
  };

  const { points, tolerance = 1e-8 } = options;
  if (points !== undefined && points % 2 === 1) {
    const currents = new Float64Array(points);
    for (let j = 0; j < points; j++) currents[j] = addNode((TURN * j) / points);
    return {
      charge: (TURN * sum) / points,
      error: (TURN / points) * (lastHarmonic(currents) + given),
      points,
    };
  }
  let count = points === undefined ? FEWEST : points / 2;
  for (let j = 0; j < count; j++) addNode((TURN * j) / count);
  let agreements = 0;
  for (;;) {
    const before = (TURN * sum) / count;
    for (let j = 0; j < count; j++) addNode((TURN * (j + 0.5)) / count);
    count *= 2;
    const charge = (TURN * sum) / count;
    const error = Math.abs(charge - before);
    // Charges that cancel along the loop are resolved to a part of the loop integral of the
    // absolute value.
    const scale = Math.max(Math.abs(charge), 1e-3 * ((TURN * size) / count));
    const open = (TURN * given) / count;
    agreements = error <= tolerance * scale + open + 1e-300 ? agreements + 1 : 0;
    if (points === undefined && agreements >= 2 && open > 0 && error + open > tolerance * scale)
      throw new NumericalError(
        `the rectified charge is known to ${((error + open) / scale).toExponential(1)} of its scale, asked for ${tolerance}`,
        {
          energy: options.energy,
          causes: [...attainable((error + open) / scale), GIVEN_CAUSE],
          known: { charge, error: error + open, points: count },
        },
      );
    if (points !== undefined || agreements >= 2) return { charge, error: error + open, points: count };
    if (count >= MOST)
      throw new NumericalError("the integral of the rectified current over the cycle does not converge", {
        energy: options.energy,
        causes: [
          "a narrow resonance in the conductance along the cycle: raise the temperature or the tolerance",
          "the cycle is not smooth: write it as a Fourier series",
        ],
      });
  }
}

/** The conductance at the current configuration, in e^2/hbar, and the error of a given S in it. */
function conductanceOf(
  solver: ScatteringSolver,
  options: PumpOptions,
): () => { value: number; error: number } {
  if (!solver.probes.includes(true)) {
    const direct = new Float64Array(1);
    const average = new ThermalAverage(solver, options, [1], addConductance, {
      addErrors: addConductanceError,
    });
    return () => {
      average.evaluate(direct);
      return { value: direct[0], error: average.given[0] ?? 0 };
    };
  }
  const probes = new PumpProbes(solver);
  const average = new ThermalAverage(solver, options, probes.groups, probes.add);
  const raw = new Float64Array(probes.components);
  const reduced = new Float64Array(solver.leads.length + 3);
  return () => {
    average.evaluate(raw);
    probes.eliminate(raw, reduced);
    return { value: reduced[solver.leads.length + 1], error: 0 };
  };
}

/** Adds weight x G = weight x sum |S_01|^2 / 2 pi, for a device of two leads. */
function addConductance(
  { channels: m, channelLead, S }: ScatteringPoint,
  weight: number,
  out: Float64Array,
): void {
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      if (channelLead[i] !== 0 || channelLead[j] !== 1) continue;
      const k = 2 * (i * m + j);
      out[0] += (weight * (S[k] * S[k] + S[k + 1] * S[k + 1])) / TURN;
    }
}

/** What a given S may be off by in it. */
function addConductanceError(
  { channels: m, errors }: ScatteringPoint,
  weight: number,
  out: Float64Array,
): void {
  if (errors) out[0] += (weight * (2 * Math.sqrt(m) + errors.S) * errors.S) / TURN;
}
