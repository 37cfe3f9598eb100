// The types of a model: the plain data that a user writes (Model) and its validated, completed form
// (ResolvedModel). All of it can be sent to other threads, except for functions, which only the
// library accepts. Dense complex matrices are stored by rows, with real and imaginary parts
// interleaved.
// Longer than most files: what a model may hold reads as one list.

import type { ComplexMatrix, RealMatrix, SparseHermitian } from "../numerics/linear-algebra/matrices.js";
import type { Lead, ResolvedLead } from "./leads/index.js";
import type { Triplet } from "./triplet.js";
import type { Warning } from "./warning.js";

export type {
  ChainLead,
  Lead,
  PeriodicLead,
  PeriodicOverlaps,
  ResolvedChainLead,
  ResolvedLead,
  ResolvedPeriodicLead,
  ResolvedSelfEnergyLead,
  ResolvedWideBandLead,
  SelfEnergyFunction,
  SelfEnergyLead,
  SelfEnergySample,
  WideBandLead,
} from "./leads/index.js";
export type { ComplexMatrix, RealMatrix, SparseHermitian, Triplet };

/**
 * Values of the parameters by name, e.g. `{ x: 0.3, y: -0.4 }`, each in the unit that the model's
 * matrices dH/dX imply.
 */
export type ParameterValues = Record<string, number>;

/**
 * One parameter along the cycle:
 * X(theta) = mean + turns theta + sum_k (cos[k-1] cos(k theta) + sin[k-1] sin(k theta)).
 */
export interface FourierSeries {
  /** Turn average of the periodic part, in the unit of the parameter; default 0. */
  mean?: number;
  /** Coefficients of cos(theta), cos(2 theta), ..., in the unit of the parameter; default none. */
  cos?: number[];
  /** Coefficients of sin(theta), sin(2 theta), ..., in the unit of the parameter; default none. */
  sin?: number[];
  /**
   * Change of X per radian besides the harmonics; default 0. It is for Hamiltonians (functions,
   * harmonic terms, samples) or S that are 2 pi-periodic in X itself, as that of a wheel. With a
   * Hamiltonian that is not (linear in X, powers of X) the path would not close, and InputError says
   * so.
   */
  turns?: number;
}

/**
 * X(theta) and dX/dtheta as 2 pi-periodic functions of the angle in radians, for cycles without a
 * short Fourier series.
 */
export type CycleFunction = (theta: number) => {
  /** X(theta). Parameters that are not given are 0. */
  values: ParameterValues;
  /** dX/dtheta per radian. Parameters that are not given are 0. */
  derivatives: ParameterValues;
};

/**
 * One turn X(theta), theta from 0 to 2 pi, by parameter. Parameters that are not given stay at 0.
 */
export type Cycle = Record<string, FourierSeries>;

/** The filling f(E) = 1 / (exp((E - mu) / T) + 1) of a lead's incoming channels. */
export interface Reservoir {
  /** Chemical potential mu, an energy. */
  chemicalPotential: number;
  /** Temperature T >= 0, an energy (k_B = 1); 0 is a step. */
  temperature: number;
}

/** A reservoir in a file or a question. */
export interface ReservoirEntry {
  /** Chemical potential mu, an energy. */
  chemicalPotential: number;
  /** Temperature T >= 0, an energy (k_B = 1); default 0. */
  temperature?: number;
}

/** The mechanical rotor whose angle drives the cycle. Numbers are at most 1e100 in size. */
export interface Rotor {
  /**
   * Moment of inertia I >= 0, energy x time^2, so that I omega^2 / 2 is an energy. A rotor of
   * inertia 0 is overdamped; one of "infinite" inertia (the default) rotates uniformly.
   */
  inertia: number | "infinite";
  /** Torque of the load, energy per radian; positive opposes positive rotation. Default 0. */
  load: number;
  /**
   * Friction coefficient of the bearing, >= 0, torque per angular speed (units of hbar). It is
   * added to the electronic friction. Default 0.
   */
  friction: number;
}

/**
 * Unit of every energy of a model. With "none" results are in natural units, in multiples of the
 * model's own unit of energy.
 */
export type EnergyUnit = "none" | "eV" | "meV" | "K" | "hartree" | "Ry";

/**
 * The product of X^p over `powers`, cos(k X) over `cos` and sin(k X) over `sin`, times a matrix. At
 * least one parameter must occur.
 */
export interface HamiltonianTerm {
  /** Powers p by parameter, whole numbers from 1 to 64. */
  powers?: Record<string, number>;
  /** Harmonics k of cosines by parameter, whole numbers from 1 to 65536; the parameter in radians. */
  cos?: Record<string, number>;
  /** Harmonics k of sines by parameter, whole numbers from 1 to 65536; the parameter in radians. */
  sin?: Record<string, number>;
  /** Upper triangle of the matrix, energies per unit of the factors. */
  matrix: Triplet[];
}

/**
 * H at the n angles 2 pi j / n of a parameter with the period 2 pi, as another program computes it
 * for a rotor. Between them H is the sum of the harmonics up to n/2 that the samples determine.
 * Results and their errors are those of this H; how far it is from the H that was sampled is
 * estimated from the fall of the harmonics (`model.device.interpolation`), with a warning where
 * dH/dX is off by more than 1e-8 of itself. Harmonics far above n/2 look like lower ones at the
 * samples and cannot be noticed.
 */
export interface HamiltonianSamples {
  /** Name of the parameter, an angle in radians. */
  parameter: string;
  /** Upper triangles of H, energies, 4 to 4096 of them, all with the same rows and columns. */
  hamiltonians: Triplet[][];
}

/** What an interpolated H may be off by, each a sum of the moduli over all elements. */
export interface InterpolationError {
  /** Of H, an energy. */
  hamiltonian: number;
  /** Of dH/dX, an energy per radian. */
  derivative: number;
}

/**
 * A device that is written out: H(X) = H0 + sum_nu X_nu dH/dX_nu, or any H(X) as a function, with
 * its leads.
 */
export interface ExplicitDevice {
  /** Number of orbitals, at least 1. */
  orbitals: number;
  /**
   * Upper triangle of H0 as energies (row <= column; the rest follows by Hermiticity), or a
   * function that returns the upper triangle of H(X).
   */
  hamiltonian: Triplet[] | HamiltonianFunction["evaluate"];
  /**
   * dH/dX as a function, if `hamiltonian` is a function. Default: differences of H to 8th order,
   * for which H must be smooth to 1e-9 or better.
   */
  derivative?: HamiltonianFunction["derivative"];
  /**
   * Upper triangle of dH/dX by parameter, energies per unit of X. If `hamiltonian` is a function, a
   * list of the parameters' names. Default: no parameters.
   */
  parameters?: Record<string, Triplet[]> | string[];
  /**
   * H(X) beyond the linear, added to `hamiltonian` with its `parameters`; not beside a function.
   * Parameters that only terms name follow those of `parameters`. Default: none.
   */
  terms?: HamiltonianTerm[];
  /**
   * H at equispaced angles of a parameter, added to `hamiltonian`; not beside a function. The
   * parameter may be named here only, and is then the last one. Default: none.
   */
  samples?: HamiltonianSamples;
  /**
   * Upper triangle of the overlap matrix of the orbitals, which depends on no parameter; elements of
   * the diagonal are 1 where they are left out. It must be positive definite. Default: 1
   * (orthonormal orbitals). With it G = [E S - H - Sigma]^-1.
   */
  overlap?: Triplet[];
  /**
   * Position of each orbital, [x, y] or [x, y, z] (all alike) in any unit of length. Pictures and
   * local quantities are drawn there; no result depends on them. Default: none.
   */
  positions?: number[][];
  /** Leads and probes, in the order of the channels. At least one lead must not be a probe. */
  leads: Lead[];
}

/**
 * A given S at one energy and configuration, with optional derivatives. All matrices are
 * channels x channels with index (out, in), where the channels are ordered by lead. A derivative
 * that is not given is computed by differences to 8th order, for which S must be smooth, phases
 * included.
 */
export interface ScatteringSample {
  /** S itself, unitary to 1e-3 or better. The nearest unitary matrix is used. */
  S: ComplexMatrix;
  /** dS/dE, per energy. */
  dSdE?: ComplexMatrix;
  /** dS/dX, per unit of X, one entry per parameter. */
  dS?: Record<string, ComplexMatrix>;
  /** d2S/dE dX, one entry per parameter. */
  mixed?: Record<string, ComplexMatrix>;
  /**
   * First correction in velocity to the frozen S by parameter:
   * S(t, E) = S + sum_nu (A_nu + (i/2) d2S/dE dX_nu) dX_nu/dt, with the energy E of the incoming
   * electron (Moskalets and Buettiker, Phys. Rev. B 66, 205320 (2002)). Without it friction and
   * currents per velocity are known at equal fillings only.
   */
  A?: Record<string, ComplexMatrix>;
}

/**
 * S as a function of energy and parameters. The phase of a channel may depend on the energy, but
 * not on X.
 */
export type ScatteringFunction = (energy: number, at: ParameterValues) => ScatteringSample;

/**
 * S on a grid of energies and of n equispaced angles 2 pi j / n of the only parameter. Both are
 * interpolated.
 */
export interface ScatteringTable {
  /** At least four energies, ascending. Outside of them S is refused with a NumericalError. */
  energies: number[];
  /**
   * S[i][j] is S at energies[i] and angle j, as rows of [re, im] with index (out, in). At least
   * four angles.
   */
  S: [number, number][][][][];
  /** The velocity correction A (ScatteringSample) in the same layout, if known. */
  A?: [number, number][][][][];
}

/** S in place of a Hamiltonian: either `evaluate` or `table`. */
export interface GivenScattering {
  /** S as a function. */
  evaluate?: ScatteringFunction;
  /** S as a table. */
  table?: ScatteringTable;
  /** Energy > 0 over which S changes; default 1. It sets steps and scales, but no results. */
  energyScale?: number;
  /** Energies where S is not smooth, at which integrals are split. Default: none. */
  edges?: number[];
  /**
   * Whether S is symmetric at every energy and configuration (no magnetic field), so that W = Q V.
   * Default false.
   */
  reciprocal?: boolean;
  /**
   * Whether det S does not depend on X, so that there is no conservative force. Default false;
   * forces are then given without their conservative part, with a warning.
   */
  sliding?: boolean;
}

/** A lead of a device that is given by its S. */
export interface GivenLead {
  /** Name of the lead, unique; used in reservoirs and results. */
  name: string;
  /** Marks a lead without a model of its own. */
  kind: "given";
  /** Number of channels, at least 1, open at every energy. */
  channels: number;
}

/** A device given by its S. */
export interface GivenDevice {
  /** S, as a function or as a table. */
  scattering: GivenScattering;
  /** Names of the parameters on which S depends. A table has exactly one. */
  parameters: string[];
  /** Leads, in the order of the channels of S. */
  leads: GivenLead[];
}

/**
 * A generated device: options of the preset (`describePresets`), and replacements for parts of what
 * it generates.
 */
export type PresetDevice = {
  /** Name of the preset (`presetNames`). */
  preset: string;
  /**
   * An option of the preset, or a replacement for the generated `orbitals`, `hamiltonian`,
   * `parameters`, `overlap` or `leads`, or `terms`, `samples` or `positions` beside them.
   */
  [option: string]: unknown;
};

/** Units of a model. */
export interface ModelUnits {
  /** Unit of every energy in the model; default "none". */
  energy?: EnergyUnit;
}

/**
 * The model file `nanopinwheel/1`, or the same as an object for the library. Numbers are at most
 * 1e30 in size.
 */
export interface Model {
  /** Address of the JSON Schema of the file, for editors. It is not read. */
  $schema?: string;
  /** Version of the format. */
  format: "nanopinwheel/1";
  /** Free text; default empty. */
  title?: string;
  /** Units of the numbers; default: natural units. */
  units?: ModelUnits;
  /** The device: written out, known by its S, or generated by a preset. */
  device: ExplicitDevice | GivenDevice | PresetDevice;
  /** One turn X(theta); default: that of the preset, if there is one. */
  cycle?: Cycle | CycleFunction;
  /**
   * Reservoir of every lead that is not a probe, by the lead's name; default: those of the preset,
   * if there is one.
   */
  reservoirs?: Record<string, ReservoirEntry>;
  /** The rotor, key by key; default: uniform rotation without load and bearing friction. */
  rotor?: Partial<Rotor>;
}

/** Bounds of the errors of a sample's matrices, each the root of the sum of squares. */
export interface SampleErrors {
  /** Of S. */
  S: number;
  /** Of dS/dE, if the sample has it. */
  dSdE?: number;
  /** Of dS/dX by parameter, if the sample has them. */
  dS?: Record<string, number>;
  /** Of d2S/dE dX by parameter, if the sample has them. */
  mixed?: Record<string, number>;
  /** Of A by parameter, if the sample has it. */
  A?: Record<string, number>;
}

/** A sample of S after it was made unitary. */
export interface UnitarySample extends ScatteringSample {
  /** max |S^+ S - 1| of the given S, at most 1e-3. */
  defect: number;
  /** What its matrices may be off by. */
  errors: SampleErrors;
}

/** S of a given device, with its scales. */
export interface ResolvedScattering {
  /** The unitary S with its derivatives. */
  evaluate: (energy: number, at: ParameterValues) => UnitarySample;
  /** Whether S comes from a table, not from a function of the caller. */
  table: boolean;
  /** Number of channels of each lead, which are always open. */
  channels: number[];
  /** Energy over which S changes. */
  energyScale: number;
  /** Energies where S is not smooth, ascending. */
  edges: number[];
  /** Whether S is symmetric everywhere (no magnetic field). */
  reciprocal: boolean;
  /** Whether det S does not depend on X (no conservative force). */
  sliding: boolean;
}

/** H(X) as functions: elements of the upper triangle, and their derivatives by parameter. */
export interface HamiltonianFunction {
  /** Elements of H(X), row <= column, energies. The positions of the elements may depend on X. */
  evaluate: (values: ParameterValues) => Triplet[];
  /**
   * dH/dX_nu by parameter, row <= column. Without it H (not S) is differenced centrally to 8th
   * order.
   */
  derivative?: (values: ParameterValues) => Record<string, Triplet[]>;
  /**
   * Names of the parameters in which H has the period 2 pi. Absent for functions of the caller,
   * which are trusted.
   */
  periodic?: string[];
}

/** A parameter of a device. */
export interface ResolvedParameter {
  /** Name of the parameter. */
  name: string;
  /** dH/dX, energies per unit of X; empty if H is a function or S is given. */
  derivative: SparseHermitian;
}

/** A device after its checks, with complete and sorted matrices. */
export interface ResolvedDevice {
  /** Number of orbitals; 0 if S is given. */
  orbitals: number;
  /** H0. With a `hamiltonianFunction` these are the elements at X = 0; others may appear later. */
  hamiltonian: SparseHermitian;
  /** Parameters in the order of the file, which is the order of all results. */
  parameters: ResolvedParameter[];
  /** H(X), if it is given as a function, or with terms or samples. */
  hamiltonianFunction?: HamiltonianFunction;
  /** Error of an H that is interpolated between samples; absent without samples. */
  interpolation?: InterpolationError;
  /** Overlap matrix of the orbitals, with its whole diagonal; absent if they are orthonormal. */
  overlap?: SparseHermitian;
  /** Position of each orbital, orbitals x 2 or x 3, in any unit of length; absent if not given. */
  positions?: RealMatrix;
  /** S in place of a Hamiltonian. There are then no orbitals, and the leads touch none. */
  scattering?: ResolvedScattering;
  /** Leads and probes in the order of the file, which is the order of the channels. */
  leads: ResolvedLead[];
}

/**
 * A model after its checks, with all defaults: the basis of a device (`device.model`,
 * `resolveModel`).
 */
export interface ResolvedModel {
  /** Free text, without characters that cannot be printed; empty if none was given. */
  title: string;
  /** Unit of every energy. */
  units: EnergyUnit;
  /** The device. */
  device: ResolvedDevice;
  /** The cycle, if the file or the preset contains one. */
  cycle?: Cycle | CycleFunction;
  /** Reservoir of each lead that is not a probe, if the file or the preset contains reservoirs. */
  reservoirs?: Record<string, Reservoir>;
  /** The rotor, if the file or the preset contains one. */
  rotor?: Rotor;
  /** Mean chemical potential of the reservoirs, if given; otherwise the energy of the preset. */
  energy?: number;
  /** Warnings about the model, e.g. orbitals that no path connects to a lead. */
  warnings: Warning[];
}
