// The public face of a model: one compiled device with a method per question. Results are plain
// numbers and typed arrays, which can be sent to other threads. Each question has a file in
// questions/.

import { jsonable } from "../base/plain.js";
import type { Kernels } from "../engine/kernels.js";
import { refuseHuge } from "../model/file/sizes.js";
import { wordOption } from "../model/options.js";
import { resolveModel } from "../model/resolve/resolve.js";
import type { ResolvedModel } from "../model/types.js";
import type { Warning } from "../model/warning.js";
import type { TurnCurve } from "../motor/curve/turn-curve.js";
import type { LinearResponse } from "../motor/performance/linear-response.js";
import type { ThreadCrew } from "../run/crew.js";
import type { CurvatureResult, PumpResult } from "../transport/pump/pump.js";
import type { RectifiedResult } from "../transport/pump/rectification.js";
import { DeviceContext } from "./context.js";
import type { MotorQuestion } from "./drive.js";
import { portableModel } from "./helper.js";
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

/** All questions. Question and answer are plain data. */
const questionNames = [
  "scatter",
  "scatteringMatrix",
  "pump",
  "linearResponse",
  "rectified",
  "curvature",
  "forces",
  "turnCurve",
  "motor",
  "simulate",
] as const satisfies readonly QuestionName[];

/** The name of a question to a device, which is a method of Device; `engine.map` takes any. */
export type QuestionName =
  | "scatter"
  | "scatteringMatrix"
  | "pump"
  | "linearResponse"
  | "rectified"
  | "curvature"
  | "forces"
  | "turnCurve"
  | "motor"
  | "simulate";

const checkQuestion = wordOption(questionNames, "no such question");

/** Returns the name if it is such a question; throws InputError otherwise. */
export function checkedQuestion(name: unknown): QuestionName {
  checkQuestion(name, "question");
  return name as QuestionName;
}

/**
 * A validated model compiled for the kernels. `close()`, or `using device = engine.device(model)`,
 * returns its memory, and every later question is refused. The memory of a device that is never
 * closed is returned some time after the last reference to the device is gone.
 *
 * All answers are plain data, which structuredClone and messages to other threads can copy (a
 * `TurnCurve` then needs `restoredTurnCurve`). JSON.stringify writes matrices as lists of rows and
 * complex numbers as [re, im]; `plain` does the same for parts and copies of answers.
 */
export class Device {
  /** The validated and completed model. All of it is frozen except the numbers of its matrices. */
  readonly model: ResolvedModel;
  readonly #context: DeviceContext;

  /**
   * Validates and compiles a model (`engine.device`). Throws InputError that names the wrong field.
   *
   * @internal
   */
  static open(kernels: Kernels, model: unknown, crew?: ThreadCrew): Device {
    return new Device(kernels, model, crew);
  }

  private constructor(kernels: Kernels, model: unknown, crew: ThreadCrew | undefined) {
    this.model = frozen(resolveModel(model));
    const { device, reservoirs, cycle, energy } = model as Record<string, unknown>;
    for (const [field, part] of Object.entries({ device, reservoirs, cycle, energy }))
      refuseHuge(part, field);
    const portable = crew && portableModel(model, this.model);
    this.#context = new DeviceContext(kernels, this.model, this, portable && crew.forDevice(portable));
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

  /** Asks, and makes the answer one that JSON.stringify can write. */
  #answer<Question, Answer extends object>(
    answer: (context: DeviceContext, question: Question) => Answer,
    question: Question,
  ): Answer {
    return jsonable(this.#ask(answer, question));
  }

  /** Names of the leads with probes, in the order of the channels; a new list at each call. */
  get leadNames(): string[] {
    return [...this.#context.leadNames];
  }

  /** Names of the parameters, in the order of all results; a new list at each call. */
  get parameterNames(): string[] {
    return [...this.#context.parameterNames];
  }

  /** Number of orbitals; 0 for a device that is given by its S. */
  get orbitals(): number {
    return this.model.device.orbitals;
  }

  /**
   * Warnings about the model, e.g. orbitals that no path connects to a lead; a new list at each
   * call.
   */
  get warnings(): Warning[] {
    return [...this.model.warnings];
  }

  /**
   * The frozen scattering matrix S(E, X), its derivatives by every parameter (dS/dX = -i S K) and
   * by energy, and the transmissions. The default of `energy` is the mean chemical potential;
   * parameters that `at` does not contain are 0. Cost: one factorisation. Throws InputError, and
   * NumericalError if a bound state lies at this energy.
   */
  scatter(question: ScatterQuestion = {}): ScatterResult {
    return this.#answer(answerScatter, question);
  }

  /** As `scatter` without dS/dX and dS/dE, in two thirds of the time for a wide device. */
  scatteringMatrix(question: ScatterQuestion = {}): ScatteringMatrix {
    return this.#answer(answerScatteringMatrix, question);
  }

  /**
   * Charge per positive turn that enters from each lead at equal fillings and slow driving
   * (Brouwer, Phys. Rev. B 58, R10135 (1998)):
   *
   *   Q_a = loop sum_nu (dn_a/dX_nu) dX_nu,   dn_a/dX_nu = -(1/2pi) Tr[Pi_a S K_nu S^+]
   *
   * The integrand is taken at `energy` and T = 0, otherwise averaged with -df/dE. Cost at T = 0:
   * one factorisation per angle, tens to thousands of angles. Throws InputError that names the
   * wrong option, and NumericalError if the charges miss the tolerance within the budget.
   */
  pump(question: CycleQuestion = {}): PumpResult {
    return this.#answer(answerPump, question);
  }

  /**
   * Pumping curvature per lead a on a rectangle of two parameters nu, nu':
   *
   *   Omega_a = (1/pi) Im Tr[Pi_a (dS/dX_nu') (dS/dX_nu)^+]
   *
   * Its surface integral is the charge per turn Q_a of a cycle around the surface that turns from
   * nu to nu' (Stokes). The map shows where in the parameter plane a cycle pumps: the charge of a
   * small loop is its area times the curvature, which is a charge per unit of both parameters. The
   * curvature is taken at `energy` and T = 0, otherwise averaged with -df/dE at the mean
   * temperature of the reservoirs. Cost at T = 0: one factorisation per grid point. A voltage probe
   * counts as a lead at the common chemical potential. Throws InputError that names the wrong
   * option.
   */
  curvature(question: CurvatureQuestion): CurvatureResult {
    return this.#answer(answerCurvature, question);
  }

  /**
   * Charge per turn, R loop G sum_nu C_nu dX_nu, that stray capacitances of the gates rectify, with
   * the conductance G = T / 2pi between the two leads. The direct current is omega / 2pi times this
   * charge. It is even in the magnetic field, while the pumped charge has no such symmetry, so that
   * a measurement can tell them apart. Cost at T = 0: one factorisation per angle. Throws
   * InputError, and NumericalError without convergence.
   */
  rectified(question: RectifiedQuestion): RectifiedResult {
    return this.#answer(answerRectified, question);
  }

  /**
   * Force, friction tensor, noise, and currents of charge, energy and heat at one configuration, at
   * any chemical potentials and temperatures (formulas: CONVENTIONS.md). `reservoirs` replaces the
   * model's by lead; parameters that `at` does not contain are 0. `tolerance` (default 1e-8) bounds
   * the relative error of every quantity; `error` and `errors` state what was reached. `dephasing`
   * is the condition on probes: "voltage" (no net current) or "energy-resolved" (no current at any
   * energy). Cost: about a hundred energies with one factorisation each; memory does not grow over
   * a million calls. Throws InputError, and NumericalError with the energy if an integral does not
   * converge.
   */
  forces(question: ForcesQuestion = {}): ForcesResult {
    return this.#answer(answerForces, question);
  }

  /**
   * The effect of the electrons on the angle over a turn of the cycle, at any reservoirs: torque,
   * friction, noise and currents as trigonometric interpolants (TurnCurve). The angles are doubled
   * until the interpolants hold to `tolerance` at every angle (default 1e-8, relative to the
   * largest value). Cost: one `forces` per angle, tens to hundreds of angles. Throws InputError,
   * and NumericalError if an angle fails.
   */
  turnCurve(question: MotorQuestion = {}): TurnCurve {
    return this.#answer(answerTurnCurve, question);
  }

  /**
   * The motor at its reservoirs, beyond linear response: work, friction, noise and charge per turn,
   * the curve over the turn, the steady state with its energy balance, certificates, and linear
   * response at the mean chemical potential. Options: MotorQuestion. Results: MotorResult.
   * Formulas: CONVENTIONS.md. Cost and errors: `turnCurve`.
   */
  motor(question: MotorQuestion = {}): MotorResult {
    return this.#answer(answerMotor, question);
  }

  /**
   * The rotor with the noise of the electrons and of its bearing (2 T friction), from one seed:
   * mean velocity, diffusion and rates of turns in the steady state, and the trajectories. The
   * errors hold also if the time is short or turns are rare, which a warning says. The method has
   * weak order 2 in the time step. At finite inertia it works in angle and speed, at inertia 0 in
   * the angle alone, with the drift that noise makes. The curve is computed first, to `tolerance`
   * (default 1e-6). Cost: about 10 ns per step and trajectory with the burn-in, and up to some
   * seconds for the Fokker-Planck equation. A rotor of infinite inertia feels no noise; its
   * trajectories are uniform rotation, and a warning says so. Throws InputError, and NumericalError
   * if a trajectory runs away or friction holds no speed.
   */
  simulate(question: SimulationQuestion = {}): SimulationResult {
    return this.#answer(answerSimulate, question);
  }

  /**
   * The motor's datasheet in linear response at equal fillings and large inertia, for the first two
   * leads that are not probes (Bustos-Marun, Refael and von Oppen, Phys. Rev. Lett. 111, 060802
   * (2013)): charge, friction and conductance, figure of merit, efficiencies. Cost: that of `pump`.
   * Throws InputError that names the wrong option, and NumericalError if the integrals miss the
   * tolerance within the budget.
   */
  linearResponse(question: CycleQuestion = {}): LinearResponse {
    return this.#answer(answerLinearResponse, question);
  }

  /**
   * Compiles the solvers again if a singular point has changed the order of elimination, so that
   * numbers do not depend on earlier questions.
   */
  forgetMerges(): void {
    this.#context.forgetMerges();
  }

  /**
   * Returns the memory. The present question is still answered; later ones are refused. A second
   * call does nothing.
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
 * The model, frozen except for the numbers of its matrices, because solvers are also made of it
 * later.
 */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
