// What a model is: the plain data a user writes (Model) and its validated, completed form
// (ResolvedModel). Everything here is structured-cloneable except the function-valued fields, which
// only the library accepts. Dense complex matrices are row-major, interleaved [re, im, re, im,
// ...].

import type { ComplexMatrix, RealMatrix, SparseHermitian } from "../numerics/linear-algebra/matrices.js";
import type { Lead, ResolvedLead } from "./leads/index.js";
import type { Triplet } from "./triplet.js";
import type { Warning } from "./warning.js";

export type {
  ChainLead,
  Lead,
  PeriodicLead,
  ResolvedChainLead,
  ResolvedLead,
  ResolvedPeriodicLead,
  ResolvedWideBandLead,
  WideBandLead,
} from "./leads/index.js";
export type { ComplexMatrix, RealMatrix, SparseHermitian, Triplet };

/**
 * Values of the parameters by name, e.g. `{ x: 0.3, y: -0.4 }`, each in the unit in which the
 * model's matrices dH/dX take it.
 */
export type ParameterValues = Record<string, number>;

/**
 * One parameter along the cycle: X(theta) = mean + turns theta + sum_k cos[k-1] cos(k theta) +
 * sin[k-1] sin(k theta).
 */
export interface FourierSeries {
  /** Turn average of the periodic part, in the unit of the parameter; default 0. */
  mean?: number;
  /** Coefficients of cos(theta), cos(2 theta), ..., in the unit of the parameter; default none. */
  cos?: number[];
  /** Coefficients of sin(theta), sin(2 theta), ..., in the unit of the parameter; default none. */
  sin?: number[];
  /**
   * Advance of X per radian of theta, for Hamiltonians (given as a function) or S that are 2
   * pi-periodic in X itself (a wheel); default 0. A Hamiltonian that is linear in its parameters
   * does not close then, and InputError says so.
   */
  turns?: number;
}

/**
 * X(theta) and dX/dtheta as functions of the angle (radians), for cycles that no short Fourier
 * series describes; 2 pi-periodic.
 */
export type CycleFunction = (theta: number) => {
  /** X(theta); parameters left out are 0. */
  values: ParameterValues;
  /** dX/dtheta, per radian; parameters left out are 0. */
  derivatives: ParameterValues;
};

/** One turn X(theta), theta from 0 to 2 pi, by parameter; parameters left out stay at 0. */
export type Cycle = Record<string, FourierSeries>;

/** What fills the incoming channels of a lead: f(E) = 1 / (exp((E - mu) / T) + 1). */
export interface Reservoir {
  /** Chemical potential mu, an energy. */
  chemicalPotential: number;
  /** Temperature T >= 0, an energy (k_B = 1); 0 is a step. */
  temperature: number;
}

/** A reservoir as written in a file or a question. */
export interface ReservoirEntry {
  /** Chemical potential mu, an energy. */
  chemicalPotential: number;
  /** Temperature T >= 0, an energy (k_B = 1); default 0. */
  temperature?: number;
}

/** The mechanical rotor whose angle drives the cycle. Numbers are at most 1e100 in size. */
export interface Rotor {
  /**
   * Moment of inertia I >= 0, energy x time^2 (I omega^2 / 2 is an energy); 0 is the overdamped
   * rotor, "infinite" rotates uniformly. Default "infinite".
   */
  inertia: number | "infinite";
  /** Torque of the load, energy per radian; positive opposes positive rotation. Default 0. */
  load: number;
  /**
   * Friction coefficient of the bearing, >= 0, torque per angular speed (units of hbar); it comes
   * on top of the electrons' friction. Default 0.
   */
  friction: number;
}

/**
 * Unit of every energy of a model; "none": natural units, results are multiples of whatever the
 * model's energies are.
 */
export type EnergyUnit = "none" | "eV" | "meV" | "K" | "hartree";

/**
 * A device written out: H(X) = H0 + sum_nu X_nu dH/dX_nu, or any H(X) as a function, and its leads.
 */
export interface ExplicitDevice {
  /** Number of orbitals, at least 1. */
  orbitals: number;
  /**
   * Upper triangle of H0 (row <= column, the rest follows by Hermiticity), or a function that gives
   * that of H(X). Energies.
   */
  hamiltonian: Triplet[] | HamiltonianFunction["evaluate"];
  /**
   * dH/dX as a function, beside a `hamiltonian` given as one; default: H is differenced (8th
   * order), for which it must be smooth to 1e-9 or better.
   */
  derivative?: HamiltonianFunction["derivative"];
  /**
   * Upper triangle of dH/dX by parameter, energies per unit of X; their names alone where
   * `hamiltonian` is a function. Default: no parameters.
   */
  parameters?: Record<string, Triplet[]> | string[];
  /** Leads and probes, in the order of the channels; one at least is no probe. */
  leads: Lead[];
}

/**
 * What is known of S at one energy and configuration. All matrices are channels x channels, index
 * (out, in), the channels lead by lead. A derivative that is left out is differenced (8th order),
 * for which S must be smooth, phases included.
 */
export interface ScatteringSample {
  /** S itself, unitary to 1e-3 or better; the unitary matrix next to it is taken. */
  S: ComplexMatrix;
  /** dS/dE, per energy. */
  dSdE?: ComplexMatrix;
  /** dS/dX, per unit of X, one entry per parameter. */
  dS?: Record<string, ComplexMatrix>;
  /** d2S/dE dX, one entry per parameter. */
  mixed?: Record<string, ComplexMatrix>;
  /**
   * First correction in velocity to the frozen S by parameter, S(t, E) = S + sum_nu (A_nu + (i/2)
   * d2S/dE dX_nu) dX_nu/dt, E the incoming energy (Moskalets and Buettiker, Phys. Rev. B 66, 205320
   * (2002)). Without it friction and currents per velocity are known at equal fillings only.
   */
  A?: Record<string, ComplexMatrix>;
}

/**
 * S as a function of energy and parameters. The phase of a channel may depend on the energy, never
 * on X.
 */
export type ScatteringFunction = (energy: number, at: ParameterValues) => ScatteringSample;

/**
 * S on a grid of energies and of n equispaced angles 2 pi j / n of the only parameter; interpolated
 * in both.
 */
export interface ScatteringTable {
  /** Energies, four or more, ascending; an S outside of them is refused with a NumericalError. */
  energies: number[];
  /**
   * S[i][j]: at energies[i] and angle j, rows of [re, im], index (out, in); four angles or more.
   */
  S: [number, number][][][][];
  /** The velocity correction A (ScatteringSample) in the same layout, if it is known. */
  A?: [number, number][][][][];
}

/** S given in place of a Hamiltonian: either `evaluate` or `table`. */
export interface GivenScattering {
  /** S as a function. */
  evaluate?: ScatteringFunction;
  /** S as a table. */
  table?: ScatteringTable;
  /** Energy > 0 over which S changes; default 1. It sets steps and scales, not results. */
  energyScale?: number;
  /** Energies where S is not smooth: integrals are split there. Default none. */
  edges?: number[];
  /**
   * True if S is symmetric at every energy and configuration (no magnetic field): then W = Q V.
   * Default false.
   */
  reciprocal?: boolean;
  /**
   * True if there is no conservative force: det S does not depend on X. Default false: then forces
   * leave it out and say so.
   */
  sliding?: boolean;
}

/** A lead of a device that is known by its S. */
export interface GivenLead {
  /** Name of the lead, unique; used in reservoirs and results. */
  name: string;
  /** Marks a lead without a model of its own. */
  kind: "given";
  /** Number of its channels, at least 1, open at every energy. */
  channels: number;
}

/** A device known by its S alone. */
export interface GivenDevice {
  /** S, by a function or a table. */
  scattering: GivenScattering;
  /** Names of the parameters S depends on; of a table one. */
  parameters: string[];
  /** Leads, in the order of the channels of S. */
  leads: GivenLead[];
}

/**
 * A generated device: the preset's options (`describePresets`), and whatever replaces a part of
 * what it generates.
 */
export type PresetDevice = {
  /** Name of the preset (`presetNames`). */
  preset: string;
  /**
   * An option of the preset, or `orbitals`, `hamiltonian`, `parameters` or `leads` in place of the
   * generated ones.
   */
  [option: string]: unknown;
};

/** Units of a model. */
export interface ModelUnits {
  /** Unit of every energy in the model; default "none". */
  energy?: EnergyUnit;
}

/**
 * The model file `nanopinwheel/1`, and what the library takes in its place. Numbers are at most
 * 1e30 in size.
 */
export interface Model {
  /** Address of the JSON Schema of the file, for editors; not read. */
  $schema?: string;
  /** Version of the format. */
  format: "nanopinwheel/1";
  /** Free text; default empty. */
  title?: string;
  /** Units of the numbers; default: natural units. */
  units?: ModelUnits;
  /** The device: written out, known by its S, or generated by a preset. */
  device: ExplicitDevice | GivenDevice | PresetDevice;
  /** One turn X(theta); default: the preset's, if there is one. */
  cycle?: Cycle | CycleFunction;
  /**
   * A reservoir for every lead that is not a probe, by the lead's name; default: the preset's, if
   * there is one.
   */
  reservoirs?: Record<string, ReservoirEntry>;
  /** The rotor, key by key; default: uniform rotation without load and bearing. */
  rotor?: Partial<Rotor>;
}

/** A sample of S that was made unitary. */
export interface UnitarySample extends ScatteringSample {
  /** max |S^+ S - 1| of what it was made of, at most 1e-3. */
  defect: number;
}

/** S of a given device with its scales. */
export interface ResolvedScattering {
  /** A unitary S with its derivatives. */
  evaluate: (energy: number, at: ParameterValues) => UnitarySample;
  /** Channels of each lead, always open. */
  channels: number[];
  /** Energy over which S changes. */
  energyScale: number;
  /** Energies where S is not smooth, ascending. */
  edges: number[];
  /** True if S is symmetric everywhere: no magnetic field. */
  reciprocal: boolean;
  /** True if det S does not depend on X: no conservative force. */
  sliding: boolean;
}

/**
 * H(X) given as functions: matrix elements of the upper triangle, and their derivatives by
 * parameter.
 */
export interface HamiltonianFunction {
  /** Elements of H(X), row <= column, energies. Their pattern may depend on X. */
  evaluate: (values: ParameterValues) => Triplet[];
  /**
   * dH/dX_nu by parameter, row <= column; without it H (not S) is differenced centrally to 8th
   * order.
   */
  derivative?: (values: ParameterValues) => Record<string, Triplet[]>;
}

/** A parameter of a device. */
export interface ResolvedParameter {
  /** Name of the parameter. */
  name: string;
  /** dH/dX, energies per unit of X; empty where H is a function or S is given. */
  derivative: SparseHermitian;
}

/** A device that has been checked, its matrices sorted and completed. */
export interface ResolvedDevice {
  /** Number of orbitals; 0 where S is given. */
  orbitals: number;
  /** H0; with a `hamiltonianFunction` the elements at X = 0, whose pattern may grow later. */
  hamiltonian: SparseHermitian;
  /** Parameters in the order of the file, which is that of all results. */
  parameters: ResolvedParameter[];
  /** H(X), where it was given as a function. */
  hamiltonianFunction?: HamiltonianFunction;
  /** In place of a Hamiltonian: no orbitals then, and leads that touch none. */
  scattering?: ResolvedScattering;
  /** Leads and probes in the order of the file, which is that of the channels. */
  leads: ResolvedLead[];
}

/**
 * A model that has been checked and completed: what a device is made of (`device.model`,
 * `resolveModel`).
 */
export interface ResolvedModel {
  /** Free text, without characters that could not be printed; empty if none was given. */
  title: string;
  /** Unit of every energy. */
  units: EnergyUnit;
  /** The device. */
  device: ResolvedDevice;
  /** The cycle, if the file or the preset gives one. */
  cycle?: Cycle | CycleFunction;
  /** One entry per lead that is not a probe; present if the file or the preset gives reservoirs. */
  reservoirs?: Record<string, Reservoir>;
  /** The rotor, if the file or the preset gives one. */
  rotor?: Rotor;
  /** Mean chemical potential of all reservoirs if they are given, else the preset's energy. */
  energy?: number;
  /** What deserves a remark but not a refusal, e.g. orbitals that no path connects to a lead. */
  warnings: Warning[];
}
