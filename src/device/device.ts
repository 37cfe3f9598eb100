// The public face of a model: one compiled device with a method per question. Results are plain numbers and typed arrays,
// structured-cloneable. What each question needs beside the physics stands in src/device/, one file a question.

import { InputError, NumericalError } from "../base/errors.js";
import type { Kernels } from "../engine/kernels.js";
import { MemoryFull } from "../engine/memory.js";
import { closedError } from "../model/closed.js";
import { parameterVector } from "../model/cycle.js";
import { parsed } from "../model/file/issues.js";
import { cycleSchema } from "../model/file/schema.js";
import { refuseHuge } from "../model/file/sizes.js";
import { checkedLater, finiteOption, optionsOf, toleranceOption } from "../model/options.js";
import { resolveCycle } from "../model/resolve/drive.js";
import { resolveModel } from "../model/resolve/resolve.js";
import type { Cycle, CycleFunction, Reservoir, ResolvedModel } from "../model/types.js";
import type { Warning } from "../model/warning.js";
import { TurnCurveBuilder } from "../motor/curve/curve.js";
import type { TurnCurve } from "../motor/curve/turn-curve.js";
import {
  type LinearResponse,
  linearResponseAcrossKinks,
  responseOf,
} from "../motor/performance/linear-response.js";
import { startBiasOf } from "../motor/rotor/start-bias.js";
import { type DeviceSolver, openSolver } from "../scattering/open.js";
import { budgetOption, FORCES_BUDGET, TURN_BUDGET, within } from "../transport/energy/budget.js";
import { type CurvatureResult, type PumpResult, pumpedCharge } from "../transport/pump/pump.js";
import type { RectifiedResult } from "../transport/pump/rectification.js";
import { type CurvatureQuestion, curvatureOf, curvatureOptions } from "./curvature.js";
import { ForcesOf, type ForcesQuestion, type ForcesResult, forcesOptions } from "./forces.js";
import {
  biasOf,
  known,
  type MotorQuestion,
  type MotorResult,
  motorOptions,
  motorReservoirs,
  motorResult,
  motorRotor,
} from "./motor.js";
import { type RectifiedQuestion, rectifiedOf, rectifiedOptions } from "./rectified.js";
import {
  type ScatteringMatrix,
  type ScatterQuestion,
  type ScatterResult,
  scatterAlone,
  scatterAt,
  scatterOptions,
} from "./scatter.js";
import { type SimulationQuestion, type SimulationResult, simulation, simulationOptions } from "./simulate.js";

/** What `pump` and `linearResponse` may be asked. */
export interface CycleQuestion {
  /** Instead of the model's cycle. */
  cycle?: Cycle | CycleFunction;
  /** Chemical potential of all leads, at T = 0; default: the reservoirs' mean chemical potential and mean temperature. */
  energy?: number;
  /** Fixed number of angles, 2 to 10 million, instead of as many as the tolerance needs. */
  points?: number;
  /** Relative error asked for, between 0 and 1; default 1e-8. */
  tolerance?: number;
  /** Most energies at which the device is solved over the whole turn; default: of a minute or two, at most 20 million. */
  budget?: number;
}

const cycleOptions = optionsOf<CycleQuestion>("question", {
  cycle: checkedLater,
  energy: finiteOption,
  points: checkedLater,
  tolerance: toleranceOption,
  budget: budgetOption,
});

/** Questions within questions to one device (asked by its own functions and callbacks): more are taken for an endless descent. */
const DEEPEST = 8;

/** What a device has compiled: both solvers are made when they are first needed. */
interface Solvers {
  /** All parameters as directions; and one direction, the tangent of the cycle. */
  gates?: DeviceSolver;
  cycle?: DeviceSolver;
  forces?: ForcesOf;
}

/**
 * A validated model compiled for the kernels. `close()`, or `using device = engine.device(model)`, gives its memory back, and every
 * question after it is refused; of a device that is never closed the memory is taken back some time after the last reference to it is gone.
 */
export class Device {
  /** The model, validated and completed; everything but the numbers of its matrices is frozen. */
  readonly model: ResolvedModel;
  readonly #leadNames: string[];
  readonly #parameterNames: string[];
  readonly #engine: Kernels;
  /** With the part of the memory that is this device's; other ones after it was taken back. */
  #kernels: Kernels;
  #solvers: Solvers = {};
  #depth = 0;
  #closed = false;

  /** Validates and compiles a model (`engine.device`); throws InputError naming the field that is wrong. @internal */
  static open(kernels: Kernels, model: unknown): Device {
    return new Device(kernels, model);
  }

  private constructor(kernels: Kernels, model: unknown) {
    this.#engine = kernels;
    this.model = frozen(resolveModel(model));
    const { device, reservoirs, cycle, energy } = model as Record<string, unknown>;
    for (const [field, part] of Object.entries({ device, reservoirs, cycle, energy }))
      refuseHuge(part, field);
    this.#leadNames = this.model.device.leads.map((lead) => lead.name);
    this.#parameterNames = this.model.device.parameters.map((parameter) => parameter.name);
    this.#kernels = this.#borrowed();
    try {
      this.#ask(() => this.#solver());
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Names of the leads, probes included, in the order of the channels; a new list at each call. */
  get leadNames(): string[] {
    return [...this.#leadNames];
  }

  /** Names of the parameters, in the order of all results; a new list at each call. */
  get parameterNames(): string[] {
    return [...this.#parameterNames];
  }

  /** Number of orbitals; 0 of a device known by its S alone. */
  get orbitals(): number {
    return this.model.device.orbitals;
  }

  /** Remarks on the model, e.g. orbitals that no path connects to a lead; a new list at each call. */
  get warnings(): Warning[] {
    return [...this.model.warnings];
  }

  /** Kernels with a part of the memory that goes back when this device is collected. */
  #borrowed(): Kernels {
    const kernels = this.#engine.lent();
    kernels.endWith(this);
    return kernels;
  }

  /**
   * Every question goes through here. A closed device refuses. While a question is under way its memory is not taken away; one that
   * is asked meanwhile, by a function of the model or a callback, has solvers of its own, since those in use are in the middle of something.
   */
  #ask<T>(answer: () => T): T {
    if (this.#closed) throw closedError("device");
    if (this.#engine.ended) throw closedError("engine");
    if (this.#depth === DEEPEST)
      throw new InputError("device", "it asks itself without end", {
        expected: "a model whose functions do not ask the device that is made of it",
        found: `${DEEPEST} questions within each other`,
      });
    const outer = this.#depth > 0 ? { kernels: this.#kernels, solvers: this.#solvers } : undefined;
    if (outer || this.#kernels.ended) {
      this.#kernels = this.#borrowed();
      this.#solvers = {};
    }
    const kernels = this.#kernels;
    this.#depth++;
    kernels.begin();
    try {
      return answer();
    } catch (error) {
      // Any other error may have come in the middle of a change: what was compiled is not used again.
      if (!(error instanceof InputError || error instanceof NumericalError)) kernels.end();
      throw error instanceof MemoryFull ? memoryError(error) : error;
    } finally {
      kernels.finish();
      this.#depth--;
      if (outer) {
        kernels.end();
        this.#kernels = outer.kernels;
        this.#solvers = outer.solvers;
      } else if (this.#closed) this.#release();
    }
  }

  #release(): void {
    this.#kernels.end();
    this.#solvers = {};
  }

  #solver(): DeviceSolver {
    this.#solvers.gates ??= openSolver(this.#kernels, this.model.device, false);
    return this.#solvers.gates;
  }

  #cycleSolver(): DeviceSolver {
    this.#solvers.cycle ??= openSolver(this.#kernels, this.model.device, true);
    return this.#solvers.cycle;
  }

  #energy(energy: number | undefined): number {
    const chosen = energy ?? this.model.energy;
    if (chosen === undefined)
      throw new InputError("energy", "no energy to work at", {
        expected: "an energy, or reservoirs in the model",
        found: "neither",
        advice: "Give --energy, or the model's reservoirs.",
      });
    if (!Number.isFinite(chosen))
      throw new InputError("energy", "wrong value", { expected: "a finite number", found: String(chosen) });
    refuseHuge(chosen, "energy");
    return chosen;
  }

  /** Mean temperature of the reservoirs; 0 at a given energy. */
  #temperature(energy: number | undefined): number {
    if (energy !== undefined) return 0;
    const temperatures = Object.values(this.model.reservoirs ?? {}).map((reservoir) => reservoir.temperature);
    return temperatures.length > 0 ? temperatures.reduce((sum, t) => sum + t, 0) / temperatures.length : 0;
  }

  #cycleOf(cycle: Cycle | CycleFunction | undefined): Cycle | CycleFunction {
    if (cycle !== undefined) {
      refuseHuge(cycle, "cycle");
      return resolveCycle(parsed(cycleSchema, cycle, "cycle"), this.model.device);
    }
    if (this.model.cycle) return this.model.cycle;
    throw new InputError("cycle", "the model has no cycle", {
      expected: "a cycle X(theta)",
      found: "nothing",
    });
  }

  /**
   * The frozen scattering matrix S(E, X), its derivatives by every parameter (dS/dX = -i S K) and by energy, and the transmissions.
   * `energy` defaults to the mean chemical potential, parameters left out of `at` to 0. One factorisation.
   * Throws InputError, or NumericalError where a bound state lies at this energy.
   */
  scatter(question: ScatterQuestion = {}): ScatterResult {
    return this.#ask(() => {
      const { energy, at } = scatterOptions(question);
      const values = parameterVector(at, this.#parameterNames, "at");
      return scatterAt(this.#kernels, this.#solver(), this.#energy(energy), this.#parameterNames, values);
    });
  }

  /** As `scatter`, without dS/dX and dS/dE: two thirds of the time in a wide device. */
  scatteringMatrix(question: ScatterQuestion = {}): ScatteringMatrix {
    return this.#ask(() => {
      const { energy, at } = scatterOptions(question);
      const values = parameterVector(at, this.#parameterNames, "at");
      return scatterAlone(this.#solver(), this.#energy(energy), this.#parameterNames, values);
    });
  }

  /**
   * Charge per positive turn entering from each lead at equal fillings and slow driving (Brouwer, Phys. Rev. B 58, R10135 (1998)):
   *
   *   Q_a = loop sum_nu (dn_a/dX_nu) dX_nu,   dn_a/dX_nu = -(1/2pi) Tr[Pi_a S K_nu S^+]
   *
   * at T = 0 at `energy`, else averaged with -df/dE. Cost: at T = 0 one factorisation per angle, tens to thousands of angles.
   * Throws InputError naming what is wrong, or NumericalError where the charges do not converge to the tolerance within the budget.
   */
  pump(question: CycleQuestion = {}): PumpResult {
    return this.#ask(() => {
      const { cycle, energy, points, tolerance, budget } = cycleOptions(question);
      const solver = this.#cycleSolver();
      const path = this.#cycleOf(cycle);
      const options = {
        energy: this.#energy(energy),
        temperature: this.#temperature(energy),
        points,
        tolerance,
      };
      return within(solver, budget, TURN_BUDGET, () =>
        pumpedCharge(solver, path, this.#parameterNames, options),
      );
    });
  }

  /**
   * Pumping curvature on a rectangle of two parameters nu, nu', per lead a:
   *
   *   Omega_a = (1/pi) Im Tr[Pi_a (dS/dX_nu') (dS/dX_nu)^+],   charge per turn Q_a = surface integral of Omega_a
   *
   * for a cycle that turns from nu to nu' (its surface integral by Stokes; a charge per unit of both parameters). At T = 0 at
   * `energy`, else averaged with -df/dE at the reservoirs' mean temperature. One factorisation per grid point at T = 0.
   * A map of where in the parameter plane a cycle pumps: the charge of any small loop is area times curvature.
   * A voltage probe counts as a lead held at the common potential. Throws InputError naming what is wrong.
   */
  curvature(question: CurvatureQuestion): CurvatureResult {
    return this.#ask(() => {
      const asked = curvatureOptions(question);
      const { energy, budget } = asked;
      const drive = { energy: this.#energy(energy), temperature: this.#temperature(energy) };
      const solver = this.#solver();
      return within(solver, budget, TURN_BUDGET, () =>
        curvatureOf(solver, this.#parameterNames, asked, drive),
      );
    });
  }

  /**
   * Charge per turn that stray capacitances of the gates rectify: R loop G sum_nu C_nu dX_nu, G the conductance between the two leads (T / 2pi).
   * The direct current is omega / 2pi times it. Even in the magnetic field where the pumped charge has no symmetry: so a
   * measurement tells the two apart. One factorisation per angle at T = 0. Throws InputError, or NumericalError without convergence.
   */
  rectified(question: RectifiedQuestion): RectifiedResult {
    return this.#ask(() => {
      const asked = rectifiedOptions(question);
      const { cycle, energy, budget } = asked;
      const drive = { energy: this.#energy(energy), temperature: this.#temperature(energy) };
      const solver = this.#cycleSolver();
      const path = this.#cycleOf(cycle);
      return within(solver, budget, TURN_BUDGET, () =>
        rectifiedOf(solver, this.#parameterNames, asked, path, drive),
      );
    });
  }

  /**
   * Force, friction tensor, noise, currents of charge, energy and heat at one configuration, at any chemical potentials and
   * temperatures (formulas: CONVENTIONS.md). `reservoirs` replaces the model's lead by lead, parameters left out of `at` are 0.
   * Cost: about a hundred energies, each one factorisation. `tolerance` (default 1e-8) bounds the relative error of every quantity;
   * `error` and `errors` say what was reached. Nothing grows over a million calls.
   * `dephasing`: what probes do, "voltage" (no net current) or "energy-resolved" (none at any energy).
   * Throws InputError, or NumericalError with the energy where an integral does not converge.
   */
  forces(question: ForcesQuestion = {}): ForcesResult {
    return this.#ask(() => {
      const asked = forcesOptions(question);
      const solver = this.#solver();
      this.#solvers.forces ??= new ForcesOf(this.model, solver);
      const answers = this.#solvers.forces;
      return within(solver, asked.budget, FORCES_BUDGET, () => answers.compute(asked));
    });
  }

  /**
   * What the electrons do to the angle over a turn of the cycle, at any reservoirs, as trigonometric interpolants: torque, friction, noise,
   * currents (TurnCurve). The angles are doubled until the interpolants hold to `tolerance` (default 1e-8, relative to the largest value)
   * between them. Cost: one `forces` per angle, tens to hundreds of angles. Throws InputError, or NumericalError where that fails.
   */
  turnCurve(question: MotorQuestion = {}): TurnCurve {
    return this.#ask(() => {
      const asked = motorOptions(question);
      // The curve is that of any rotor: one that is none is refused all the same.
      motorRotor(this.model, asked);
      return within(this.#cycleSolver(), asked.budget, TURN_BUDGET, () =>
        this.#turn(motorReservoirs(this.model, asked), asked).build(),
      );
    });
  }

  #turn(
    reservoirs: readonly (Reservoir | undefined)[],
    question: MotorQuestion,
    response?: Reservoir,
  ): TurnCurveBuilder {
    const { cycle, tolerance, dephasing, progress } = question;
    const path = this.#cycleOf(cycle);
    const options = { tolerance, dephasing, progress, response };
    return new TurnCurveBuilder(this.#cycleSolver(), path, this.#parameterNames, reservoirs, options);
  }

  /**
   * The motor at its reservoirs, beyond linear response: work, friction, noise and charge per turn, the curve over the turn, the steady
   * state with its powers and where the rest goes, certificates; beside them the linear-response numbers at the mean chemical potential.
   * Options and results: MotorQuestion, MotorResult; formulas: CONVENTIONS.md; cost and errors: `turnCurve`.
   */
  motor(question: MotorQuestion = {}): MotorResult {
    return this.#ask(() => {
      const asked = motorOptions(question);
      return within(this.#cycleSolver(), asked.budget, TURN_BUDGET, () => this.#motor(asked));
    });
  }

  #motor(question: MotorQuestion): MotorResult {
    const { cycle, tolerance = 1e-8 } = question;
    const reservoirs = motorReservoirs(this.model, question);
    const rotor = motorRotor(this.model, question);
    const given = reservoirs.filter((reservoir) => reservoir !== undefined);
    // Linear response knows voltage probes; cold, the others are alike.
    const unlike =
      question.dephasing === "energy-resolved" &&
      given.length < reservoirs.length &&
      given.some(({ temperature }) => temperature > 0);
    const drive =
      given.length < 2 || unlike
        ? undefined
        : {
            energy: given[0].chemicalPotential / 2 + given[1].chemicalPotential / 2,
            temperature: given.reduce((sum, { temperature }) => sum + temperature, 0) / given.length,
            bias: given[0].chemicalPotential - given[1].chemicalPotential,
            tolerance,
          };
    const turn = this.#turn(
      reservoirs,
      question,
      drive && { chemicalPotential: drive.energy, temperature: drive.temperature },
    );
    const curve = turn.build();
    if (unlike)
      curve.warnings.push({
        code: "left-out",
        text: "linear response left out: it is known for voltage probes only",
      });
    const [solver, path] = [this.#cycleSolver(), this.#cycleOf(cycle)];
    const integrals = turn.response();
    const response =
      drive &&
      known("linear response", curve.warnings, () =>
        integrals
          ? responseOf(solver, integrals, drive.bias)
          : linearResponseAcrossKinks(solver, path, this.#parameterNames, drive),
      );
    const curveAt = (bias: number) => {
      const biased = { ...question, bias, tolerance: Math.max(tolerance, 1e-7), progress: undefined };
      return this.#turn(motorReservoirs(this.model, biased), biased).build();
    };
    const start =
      rotor.inertia === "infinite" || given.length < 2
        ? undefined
        : known("the bias at which it starts", curve.warnings, () =>
            startBiasOf(curveAt, rotor, biasOf(reservoirs) || given[0].temperature || 1e-3),
          );
    return motorResult(curve, reservoirs, rotor, response, tolerance, start);
  }

  /**
   * The rotor with the noise of the electrons and of its bearing (2 T friction), from one seed: mean velocity, diffusion, rates of turns of the
   * steady state, with errors that hold also where the time is short or turns are rare (a warning says so), and the trajectories. Weak order 2 in
   * the time step; at finite inertia in angle and speed, at inertia 0 overdamped with the drift that noise makes. The curve is computed first, to
   * `tolerance` (default 1e-6). Cost: about 10 ns per step and trajectory, burn-in included, and up to some seconds for the Fokker-Planck equation.
   * A rotor of infinite inertia feels no noise: its trajectories are uniform rotation, and a warning says so.
   * Throws InputError, or NumericalError where a trajectory runs away or friction holds no speed.
   */
  simulate(question: SimulationQuestion = {}): SimulationResult {
    return this.#ask(() => {
      const asked = simulationOptions(question);
      const rotor = motorRotor(this.model, asked);
      const { temperature, tolerance = 1e-6 } = asked;
      const reservoirs = motorReservoirs(this.model, asked).map((reservoir) =>
        reservoir && temperature !== undefined ? { ...reservoir, temperature } : reservoir,
      );
      const curve = within(this.#cycleSolver(), asked.budget, TURN_BUDGET, () =>
        this.#turn(reservoirs, { ...asked, tolerance }).build(),
      );
      return simulation(this.#kernels, curve, rotor, reservoirs, asked);
    });
  }

  /**
   * The motor's datasheet in linear response at equal fillings and large inertia, for the first two leads that are not probes (Bustos-Marun, Refael and von Oppen,
   * Phys. Rev. Lett. 111, 060802 (2013)): charge, friction and conductance, figure of merit, efficiencies. Cost as of `pump`.
   * Throws InputError naming what is wrong, or NumericalError where the integrals do not converge to the tolerance within the budget.
   */
  linearResponse(question: CycleQuestion = {}): LinearResponse {
    return this.#ask(() => {
      const { cycle, energy, points, tolerance, budget } = cycleOptions(question);
      const solver = this.#cycleSolver();
      const path = this.#cycleOf(cycle);
      const [first, second] = this.model.device.leads
        .filter((lead) => lead.kind !== "probe")
        .map((lead) => this.model.reservoirs?.[lead.name]?.chemicalPotential);
      const options = {
        energy: this.#energy(energy),
        temperature: this.#temperature(energy),
        bias: first !== undefined && second !== undefined ? first - second : undefined,
        points,
        tolerance,
      };
      return within(solver, budget, TURN_BUDGET, () =>
        linearResponseAcrossKinks(solver, path, this.#parameterNames, options),
      );
    });
  }

  /** Compiles anew where a singular point has changed the order of elimination, so that numbers do not depend on earlier questions. */
  forgetMerges(): void {
    const { gates, cycle } = this.#solvers;
    if (gates?.merged || cycle?.merged) this.#release();
  }

  /** Gives the memory back; a question under way is answered first, any later one is refused. Closing again does nothing. */
  close(): void {
    this.#closed = true;
    if (this.#depth === 0) this.#release();
  }

  /** The same as `close`, for `using device = engine.device(model)`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** The model with everything in it but the numbers of its matrices kept from changing: solvers are made of it later, too. */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

function memoryError({ message }: MemoryFull): InputError {
  return new InputError("device", "the memory of the kernels is full", {
    expected: "a device that fits beside those whose questions are under way",
    found: message,
    advice: "Close devices that are done with: device.close().",
  });
}
