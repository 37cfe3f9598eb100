// The public face of a model: one compiled device with a method per question. Results are plain
// numbers and typed arrays, structured-cloneable. What each question is and how it is answered
// stands in questions/, one file a question.

import type { Kernels } from "../engine/kernels.js";
import { refuseHuge } from "../model/file/sizes.js";
import { wordOption } from "../model/options.js";
import { resolveModel } from "../model/resolve/resolve.js";
import type { ResolvedModel } from "../model/types.js";
import type { Warning } from "../model/warning.js";
import type { TurnCurve } from "../motor/curve/turn-curve.js";
import type { LinearResponse } from "../motor/performance/linear-response.js";
import type { CurvatureResult, PumpResult } from "../transport/pump/pump.js";
import type { RectifiedResult } from "../transport/pump/rectification.js";
import { DeviceContext } from "./context.js";
import type { MotorQuestion } from "./drive.js";
import type { MotorResult } from "./motor-result.js";
import { answerCurvature, type CurvatureQuestion } from "./questions/curvature.js";
import { answerForces, type ForcesQuestion, type ForcesResult } from "./questions/forces.js";
import { answerMotor, answerTurnCurve } from "./questions/motor.js";
import { answerLinearResponse, answerPump, type CycleQuestion } from "./questions/pump.js";
import { answerRectified, type RectifiedQuestion } from "./questions/rectified.js";
import {
  answerScatter,
  answerScatteringMatrix,
  type ScatteringMatrix,
  type ScatterQuestion,
  type ScatterResult,
} from "./questions/scatter.js";
import { answerSimulate, type SimulationQuestion, type SimulationResult } from "./questions/simulate.js";

/** Questions that may be asked in bulk, whose question and answer are plain data. */
const bulkQuestions = [
  "scatter",
  "pump",
  "linearResponse",
  "forces",
  "motor",
  "curvature",
] as const satisfies readonly QuestionName[];

/** A question that may be asked in bulk (`engine.map`): the name of a method of Device. */
export type QuestionName = "scatter" | "pump" | "linearResponse" | "forces" | "motor" | "curvature";

const checkQuestion = wordOption(bulkQuestions, "no such question");

/** The name, if it is one; else InputError. */
export function checkedQuestion(name: unknown): QuestionName {
  checkQuestion(name, "question");
  return name as QuestionName;
}

/**
 * A validated model compiled for the kernels. `close()`, or `using device = engine.device(model)`,
 * gives its memory back, and every question after it is refused; of a device that is never closed
 * the memory is taken back some time after the last reference to it is gone.
 */
export class Device {
  /** The model, validated and completed; everything but the numbers of its matrices is frozen. */
  readonly model: ResolvedModel;
  readonly #context: DeviceContext;

  /**
   * Validates and compiles a model (`engine.device`); throws InputError naming the field that is
   * wrong. @internal
   */
  static open(kernels: Kernels, model: unknown): Device {
    return new Device(kernels, model);
  }

  private constructor(kernels: Kernels, model: unknown) {
    this.model = frozen(resolveModel(model));
    const { device, reservoirs, cycle, energy } = model as Record<string, unknown>;
    for (const [field, part] of Object.entries({ device, reservoirs, cycle, energy }))
      refuseHuge(part, field);
    this.#context = new DeviceContext(kernels, this.model, this);
    try {
      this.#ask((context) => context.solver(), undefined);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #ask<Question, Answer>(
    answer: (context: DeviceContext, question: Question) => Answer,
    question: Question,
  ): Answer {
    return this.#context.ask(() => answer(this.#context, question));
  }

  /** Names of the leads, probes included, in the order of the channels; a new list at each call. */
  get leadNames(): string[] {
    return [...this.#context.leadNames];
  }

  /** Names of the parameters, in the order of all results; a new list at each call. */
  get parameterNames(): string[] {
    return [...this.#context.parameterNames];
  }

  /** Number of orbitals; 0 of a device known by its S alone. */
  get orbitals(): number {
    return this.model.device.orbitals;
  }

  /**
   * Remarks on the model, e.g. orbitals that no path connects to a lead; a new list at each call.
   */
  get warnings(): Warning[] {
    return [...this.model.warnings];
  }

  /**
   * The frozen scattering matrix S(E, X), its derivatives by every parameter (dS/dX = -i S K) and
   * by energy, and the transmissions. `energy` defaults to the mean chemical potential, parameters
   * left out of `at` to 0. One factorisation. Throws InputError, or NumericalError where a bound
   * state lies at this energy.
   */
  scatter(question: ScatterQuestion = {}): ScatterResult {
    return this.#ask(answerScatter, question);
  }

  /** As `scatter`, without dS/dX and dS/dE: two thirds of the time in a wide device. */
  scatteringMatrix(question: ScatterQuestion = {}): ScatteringMatrix {
    return this.#ask(answerScatteringMatrix, question);
  }

  /**
   * Charge per positive turn entering from each lead at equal fillings and slow driving (Brouwer,
   * Phys. Rev. B 58, R10135 (1998)):
   *
   *   Q_a = loop sum_nu (dn_a/dX_nu) dX_nu,   dn_a/dX_nu = -(1/2pi) Tr[Pi_a S K_nu S^+]
   *
   * at T = 0 at `energy`, else averaged with -df/dE. Cost: at T = 0 one factorisation per angle,
   * tens to thousands of angles. Throws InputError naming what is wrong, or NumericalError where
   * the charges do not converge to the tolerance within the budget.
   */
  pump(question: CycleQuestion = {}): PumpResult {
    return this.#ask(answerPump, question);
  }

  /**
   * Pumping curvature on a rectangle of two parameters nu, nu', per lead a:
   *
   *   Omega_a = (1/pi) Im Tr[Pi_a (dS/dX_nu') (dS/dX_nu)^+],   charge per turn Q_a = surface integral of Omega_a
   *
   * for a cycle that turns from nu to nu' (its surface integral by Stokes; a charge per unit of
   * both parameters). At T = 0 at `energy`, else averaged with -df/dE at the reservoirs' mean
   * temperature. One factorisation per grid point at T = 0. A map of where in the parameter plane a
   * cycle pumps: the charge of any small loop is area times curvature. A voltage probe counts as a
   * lead held at the common potential. Throws InputError naming what is wrong.
   */
  curvature(question: CurvatureQuestion): CurvatureResult {
    return this.#ask(answerCurvature, question);
  }

  /**
   * Charge per turn that stray capacitances of the gates rectify: R loop G sum_nu C_nu dX_nu, G the
   * conductance between the two leads (T / 2pi). The direct current is omega / 2pi times it. Even
   * in the magnetic field where the pumped charge has no symmetry: so a measurement tells the two
   * apart. One factorisation per angle at T = 0. Throws InputError, or NumericalError without
   * convergence.
   */
  rectified(question: RectifiedQuestion): RectifiedResult {
    return this.#ask(answerRectified, question);
  }

  /**
   * Force, friction tensor, noise, currents of charge, energy and heat at one configuration, at any
   * chemical potentials and temperatures (formulas: CONVENTIONS.md). `reservoirs` replaces the
   * model's lead by lead, parameters left out of `at` are 0. Cost: about a hundred energies, each
   * one factorisation. `tolerance` (default 1e-8) bounds the relative error of every quantity;
   * `error` and `errors` say what was reached. Nothing grows over a million calls. `dephasing`:
   * what probes do, "voltage" (no net current) or "energy-resolved" (none at any energy). Throws
   * InputError, or NumericalError with the energy where an integral does not converge.
   */
  forces(question: ForcesQuestion = {}): ForcesResult {
    return this.#ask(answerForces, question);
  }

  /**
   * What the electrons do to the angle over a turn of the cycle, at any reservoirs, as
   * trigonometric interpolants: torque, friction, noise, currents (TurnCurve). The angles are
   * doubled until the interpolants hold to `tolerance` (default 1e-8, relative to the largest
   * value) between them. Cost: one `forces` per angle, tens to hundreds of angles. Throws
   * InputError, or NumericalError where that fails.
   */
  turnCurve(question: MotorQuestion = {}): TurnCurve {
    return this.#ask(answerTurnCurve, question);
  }

  /**
   * The motor at its reservoirs, beyond linear response: work, friction, noise and charge per turn,
   * the curve over the turn, the steady state with its powers and where the rest goes,
   * certificates; beside them the linear-response numbers at the mean chemical potential. Options
   * and results: MotorQuestion, MotorResult; formulas: CONVENTIONS.md; cost and errors:
   * `turnCurve`.
   */
  motor(question: MotorQuestion = {}): MotorResult {
    return this.#ask(answerMotor, question);
  }

  /**
   * The rotor with the noise of the electrons and of its bearing (2 T friction), from one seed:
   * mean velocity, diffusion, rates of turns of the steady state, with errors that hold also where
   * the time is short or turns are rare (a warning says so), and the trajectories. Weak order 2 in
   * the time step; at finite inertia in angle and speed, at inertia 0 overdamped with the drift
   * that noise makes. The curve is computed first, to `tolerance` (default 1e-6). Cost: about 10 ns
   * per step and trajectory, burn-in included, and up to some seconds for the Fokker-Planck
   * equation. A rotor of infinite inertia feels no noise: its trajectories are uniform rotation,
   * and a warning says so. Throws InputError, or NumericalError where a trajectory runs away or
   * friction holds no speed.
   */
  simulate(question: SimulationQuestion = {}): SimulationResult {
    return this.#ask(answerSimulate, question);
  }

  /**
   * The motor's datasheet in linear response at equal fillings and large inertia, for the first two
   * leads that are not probes (Bustos-Marun, Refael and von Oppen, Phys. Rev. Lett. 111, 060802
   * (2013)): charge, friction and conductance, figure of merit, efficiencies. Cost as of `pump`.
   * Throws InputError naming what is wrong, or NumericalError where the integrals do not converge
   * to the tolerance within the budget.
   */
  linearResponse(question: CycleQuestion = {}): LinearResponse {
    return this.#ask(answerLinearResponse, question);
  }

  /**
   * Compiles anew where a singular point has changed the order of elimination, so that numbers do
   * not depend on earlier questions.
   */
  forgetMerges(): void {
    this.#context.forgetMerges();
  }

  /**
   * Gives the memory back; a question under way is answered first, any later one is refused.
   * Closing again does nothing.
   */
  close(): void {
    this.#context.close();
  }

  /** The same as `close`, for `using device = engine.device(model)`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * The model with everything in it but the numbers of its matrices kept from changing: solvers are
 * made of it later, too.
 */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
