// The public face of a model: one compiled device with a method per question. Results are plain numbers and typed arrays.

import type { Kernels } from "./engine/kernels.js";
import { parameterVector } from "./model/cycle.js";
import { InputError } from "./model/errors.js";
import { resolveModel } from "./model/resolve.js";
import type { ComplexMatrix, Cycle, CycleFunction, ParameterValues, ResolvedModel } from "./model/types.js";
import { type LinearResponse, linearResponse } from "./motor/linear-response.js";
import { KernelSolver } from "./scattering/solver.js";
import { type PumpResult, pumpedCharge } from "./transport/pump.js";

export interface ScatterResult {
  energy: number;
  at: ParameterValues;
  /** Lead name per channel. */
  channels: string[];
  S: ComplexMatrix;
  /** dS/dX by parameter. */
  dS: Record<string, ComplexMatrix>;
  dSdE: ComplexMatrix;
  /** transmission[a][b]: into lead a from lead b. */
  transmission: Record<string, Record<string, number>>;
  /** max |S^+ S - 1|. */
  unitarityDefect: number;
  warnings: string[];
}

export interface CycleQuestion {
  /** Instead of the model's cycle. */
  cycle?: Cycle | CycleFunction;
  /** Energy at T = 0; without it the reservoirs' temperatures at their mean chemical potential. */
  energy?: number;
  /** Fixed number of cycle points instead of an adaptive one. */
  points?: number;
  /** Relative error asked for, default 1e-8. */
  tolerance?: number;
}

/** A validated model compiled for the kernels. `close()` gives its memory back. */
export class Device {
  readonly model: ResolvedModel;
  readonly leadNames: string[];
  readonly parameterNames: string[];
  readonly #kernels: Kernels;
  #gates: KernelSolver | undefined;
  #cycle: KernelSolver | undefined;

  /** Throws InputError naming the field that is wrong. */
  constructor(kernels: Kernels, model: unknown) {
    this.#kernels = kernels;
    this.model = resolveModel(model);
    this.leadNames = this.model.device.leads.map((lead) => lead.name);
    this.parameterNames = this.model.device.parameters.map((parameter) => parameter.name);
    this.#solver();
  }

  get orbitals(): number {
    return this.model.device.orbitals;
  }

  get warnings(): string[] {
    return this.model.warnings;
  }

  #solver(): KernelSolver {
    this.#gates ??= new KernelSolver(this.#kernels, this.model.device, false);
    return this.#gates;
  }

  #cycleSolver(): KernelSolver {
    this.#cycle ??= new KernelSolver(this.#kernels, this.model.device, true);
    return this.#cycle;
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
    return chosen;
  }

  /**
   * The frozen scattering matrix S(E, X), its derivatives by every parameter (dS/dX = -i S K) and by energy, and the transmissions.
   * `energy` defaults to the mean chemical potential, parameters left out of `at` to 0. One factorisation.
   * Throws InputError, or NumericalError where a bound state lies at this energy.
   */
  scatter({ energy, at }: { energy?: number; at?: ParameterValues } = {}): ScatterResult {
    const E = this.#energy(energy);
    const values = parameterVector(at, this.parameterNames, "at");
    const solver = this.#solver();
    solver.configure(values);
    const point = solver.solveWithDerivatives(E);
    const m = point.channels;
    const names = this.leadNames;
    const transmission = Object.fromEntries(names.map((a) => [a, {} as Record<string, number>]));
    for (const a of names) for (const b of names) if (a !== b) transmission[a][b] = 0;
    for (let i = 0; i < m; i++)
      for (let j = 0; j < m; j++) {
        const [a, b] = [names[point.channelLead[i]], names[point.channelLead[j]]];
        const k = 2 * (i * m + j);
        if (a !== b) transmission[a][b] += point.S[k] ** 2 + point.S[k + 1] ** 2;
      }
    // One array for all parameters: a view each.
    const dS = point.dS.slice();
    const matrix = (data: Float64Array): ComplexMatrix => ({ shape: [m, m], data: data.slice() });
    return {
      energy: E,
      at: Object.fromEntries(this.parameterNames.map((name, i) => [name, values[i]])),
      channels: Array.from(point.channelLead.subarray(0, m), (lead) => names[lead]),
      S: matrix(point.S),
      dS: Object.fromEntries(
        this.parameterNames.map((name, nu) => [
          name,
          { shape: [m, m], data: dS.subarray(2 * m * m * nu, 2 * m * m * (nu + 1)) },
        ]),
      ),
      dSdE: matrix(point.dSdE),
      transmission,
      unitarityDefect: point.unitarityDefect,
      warnings: this.#thresholdWarnings(E),
    };
  }

  #thresholdWarnings(energy: number): string[] {
    const scale = Math.max(1, Math.abs(energy));
    return this.#solver()
      .bandEdges()
      .filter((edge) => Math.abs(edge - energy) < 1e-9 * scale)
      .map(
        (edge) =>
          `energy ${energy} lies on the channel threshold ${edge}: digits beyond the eighth depend on rounding there`,
      );
  }

  #temperature(energy: number | undefined): number {
    if (energy !== undefined) return 0;
    const temperatures = Object.values(this.model.reservoirs ?? {}).map((reservoir) => reservoir.temperature);
    return temperatures.length > 0 ? temperatures.reduce((sum, t) => sum + t, 0) / temperatures.length : 0;
  }

  #cycleOf(cycle: Cycle | CycleFunction | undefined): Cycle | CycleFunction {
    const chosen = cycle ?? this.model.cycle;
    if (!chosen)
      throw new InputError("cycle", "the model has no cycle", {
        expected: "a cycle X(theta)",
        found: "nothing",
      });
    return chosen;
  }

  /** Charge per positive turn entering from each lead (Brouwer), with its error; see PumpResult. */
  pump({ cycle, energy, points, tolerance }: CycleQuestion = {}): PumpResult {
    return pumpedCharge(this.#cycleSolver(), this.#cycleOf(cycle), this.parameterNames, {
      energy: this.#energy(energy),
      temperature: this.#temperature(energy),
      points,
      tolerance,
    });
  }

  /** The motor's datasheet in linear response, for the first two leads; see LinearResponse. */
  linearResponse({ cycle, energy, points, tolerance }: CycleQuestion = {}): LinearResponse {
    const [first, second] = this.leadNames.map((name) => this.model.reservoirs?.[name]?.chemicalPotential);
    return linearResponse(this.#cycleSolver(), this.#cycleOf(cycle), this.parameterNames, {
      energy: this.#energy(energy),
      temperature: this.#temperature(energy),
      bias: first !== undefined && second !== undefined ? first - second : undefined,
      points,
      tolerance,
    });
  }

  close(): void {
    this.#gates?.release();
    this.#cycle?.release();
    this.#gates = undefined;
    this.#cycle = undefined;
  }
}
