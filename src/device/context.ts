// The environment in which a device answers its questions: its part of the kernels' memory, the
// solvers compiled in it, and the model's defaults for options that a question omits.

import { InputError, NumericalError } from "../base/errors.js";
import type { Kernels } from "../engine/kernels.js";
import { MemoryFull } from "../engine/memory.js";
import { closedError } from "../model/closed.js";
import { parameterVector } from "../model/cycle.js";
import { parsed } from "../model/file/issues.js";
import { cycleSchema } from "../model/file/schema.js";
import { refuseHuge } from "../model/file/sizes.js";
import { meanReservoir } from "../model/reservoirs.js";
import { resolveCycle } from "../model/resolve/drive.js";
import type { Cycle, CycleFunction, ParameterValues, ResolvedModel } from "../model/types.js";
import { type DeviceSolver, openSolver } from "../scattering/open.js";
import { ForceCalculator } from "../transport/forces/forces.js";
import type { Crew } from "../transport/tasks/crew.js";

/**
 * Most questions inside each other that a device accepts (asked by functions of its model or by
 * callbacks). More are taken for an endless recursion.
 */
const DEEPEST = 8;

/** The compiled solvers of a device. Each is made when it is first needed. */
interface Compiled {
  /** Solver with all parameters as directions. */
  allParameters?: DeviceSolver;
  /** Solver with one direction, the tangent of the cycle. */
  cycle?: DeviceSolver;
  forces?: ForceCalculator;
}

/** A resolved model with its solvers in a part of the kernels' memory. */
export class DeviceContext {
  readonly model: ResolvedModel;
  readonly leadNames: string[];
  readonly parameterNames: string[];
  /** Threads that do tasks of questions as well. */
  readonly crew: Crew | undefined;
  readonly #engine: Kernels;
  /** The object whose garbage collection returns the memory. */
  readonly #owner: object;
  /**
   * Kernels with this device's part of the memory. They are replaced when the memory was returned.
   */
  #kernels: Kernels;
  #compiled: Compiled = {};
  #depth = 0;
  #closed = false;

  constructor(engine: Kernels, model: ResolvedModel, owner: object, crew?: Crew) {
    this.#engine = engine;
    this.model = model;
    this.crew = crew;
    this.#owner = owner;
    this.leadNames = model.device.leads.map((lead) => lead.name);
    this.parameterNames = model.device.parameters.map((parameter) => parameter.name);
    this.#kernels = this.#borrowed();
  }

  /** Kernels with a part of the memory that is returned when this device is garbage-collected. */
  #borrowed(): Kernels {
    const kernels = this.#engine.lent();
    kernels.endWith(this.#owner);
    return kernels;
  }

  /**
   * Answers a question; every question goes through here. A closed device refuses. The memory of a
   * question is kept until the question is answered. A question asked meanwhile, by a function of
   * the model or a callback, gets solvers of its own, because those in use are in an intermediate
   * state.
   */
  ask<T>(answer: () => T): T {
    if (this.#closed) throw closedError("device");
    if (this.#engine.ended) throw closedError("engine");
    if (this.#depth === DEEPEST)
      throw new InputError("device", "it asks itself without end", {
        expected: "a model whose functions do not ask the device that is made of it",
        found: `${DEEPEST} questions within each other`,
      });
    const outer = this.#depth > 0 ? { kernels: this.#kernels, compiled: this.#compiled } : undefined;
    if (outer || this.#kernels.ended) {
      this.#kernels = this.#borrowed();
      this.#compiled = {};
    }
    const kernels = this.#kernels;
    this.#depth++;
    kernels.begin();
    try {
      return answer();
    } catch (error) {
      // Any other error may have come in an intermediate state, so that the compiled solvers are
      // not used again.
      if (!(error instanceof InputError || error instanceof NumericalError)) kernels.end();
      throw error instanceof MemoryFull ? memoryError(error) : error;
    } finally {
      kernels.finish();
      this.#depth--;
      if (outer) {
        kernels.end();
        this.#kernels = outer.kernels;
        this.#compiled = outer.compiled;
      } else if (this.#closed) this.#release();
    }
  }

  /** Returns the memory and discards the compiled solvers. */
  #release(): void {
    this.#kernels.end();
    this.#compiled = {};
  }

  /** The solver with all parameters as directions. */
  solver(): DeviceSolver {
    this.#compiled.allParameters ??= openSolver(this.#kernels, this.model.device, false);
    return this.#compiled.allParameters;
  }

  /** The solver with one direction, the tangent of the cycle. */
  cycleSolver(): DeviceSolver {
    this.#compiled.cycle ??= openSolver(this.#kernels, this.model.device, true);
    return this.#compiled.cycle;
  }

  /** The given energy, or the mean chemical potential of the reservoirs. */
  energy(energy: number | undefined): number {
    const chosen = energy ?? this.model.energy;
    if (chosen === undefined)
      throw new InputError("energy", "no energy to work at", {
        expected: "an energy, or reservoirs in the model",
        found: "neither",
        advice: "Give an energy, or the model's reservoirs.",
      });
    if (!Number.isFinite(chosen))
      throw new InputError("energy", "wrong value", { expected: "a finite number", found: String(chosen) });
    refuseHuge(chosen, "energy");
    return chosen;
  }

  /** Mean temperature of the reservoirs; 0 if an energy is given. */
  temperature(energy: number | undefined): number {
    if (energy !== undefined) return 0;
    return meanReservoir(Object.values(this.model.reservoirs ?? {})).temperature;
  }

  /** The given cycle after checks, or the model's. */
  cycleOf(cycle: Cycle | CycleFunction | undefined): Cycle | CycleFunction {
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
   * The calculator of forces by all parameters. It keeps its buffers from question to question.
   */
  forces(): ForceCalculator {
    if (!this.#compiled.forces) {
      this.#compiled.forces = new ForceCalculator(this.solver());
      this.#compiled.forces.partial = true;
    }
    return this.#compiled.forces;
  }

  /** Values of all parameters. A parameter that is not given is 0. */
  values(at: ParameterValues | undefined): Float64Array {
    return parameterVector(at, this.parameterNames, "at");
  }

  get kernels(): Kernels {
    return this.#kernels;
  }

  /** Compiles the solvers again if a singular point has changed the order of elimination. */
  forgetMerges(): void {
    const { allParameters, cycle } = this.#compiled;
    if (allParameters?.merged || cycle?.merged) this.#release();
  }

  close(): void {
    this.#closed = true;
    if (this.#depth === 0) this.#release();
  }
}

function memoryError({ message, reason }: MemoryFull): Error {
  if (reason) return reason;
  return new InputError("device", "the memory of the kernels is full", {
    expected: "a device that fits beside those whose questions are under way",
    found: message,
    advice: "Close devices that are done with: device.close().",
  });
}
