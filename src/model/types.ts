// What a model is: the plain data a user writes (Model) and its validated, completed form (ResolvedModel).
// Everything here is structured-cloneable except the function-valued fields, which only the library accepts.
// Dense complex matrices are row-major, interleaved [re, im, re, im, ...].

import type { Warning } from "./warning.js";

/** One matrix element: row, column, real part, imaginary part (0 if left out). */
export type Triplet =
  | [row: number, column: number, re: number]
  | [row: number, column: number, re: number, im: number];

/** Values of the parameters by name, e.g. `{ x: 0.3, y: -0.4 }`. */
export type ParameterValues = Record<string, number>;

/** One parameter along the cycle: X(theta) = mean + turns theta + sum_k cos[k-1] cos(k theta) + sin[k-1] sin(k theta). */
export interface FourierSeries {
  mean?: number;
  cos?: number[];
  sin?: number[];
  /** Advance of X per radian of theta, for Hamiltonians that are 2 pi-periodic in X itself (a wheel). */
  turns?: number;
}

/** X(theta) and dX/dtheta as functions, for cycles that no short Fourier series describes. */
export type CycleFunction = (theta: number) => { values: ParameterValues; derivatives: ParameterValues };

export type Cycle = Record<string, FourierSeries>;

export interface Reservoir {
  chemicalPotential: number;
  temperature: number;
}

export interface Rotor {
  inertia: number | "infinite";
  load: number;
  friction: number;
}

export type EnergyUnit = "none" | "eV" | "meV" | "K" | "hartree";

/** A lead as written in the file. */
export type Lead =
  | { name: string; kind: "wideband" | "probe"; orbitals: number[]; width: number | number[] | Triplet[] }
  | { name: string; kind: "chain"; orbital: number; onsite?: number; hopping: number; coupling?: number }
  | {
      name: string;
      kind: "periodic";
      orbitals: number[];
      onsite: Triplet[];
      hopping: Triplet[];
      coupling?: Triplet[];
    };

/** A device written out. With a function as `hamiltonian` the parameters are a list of names. */
export interface ExplicitDevice {
  orbitals: number;
  hamiltonian: Triplet[] | HamiltonianFunction["evaluate"];
  /** dH/dX as a function, beside a `hamiltonian` given as one. */
  derivative?: HamiltonianFunction["derivative"];
  parameters?: Record<string, Triplet[]> | string[];
  leads: Lead[];
}

/** What is known of S at one energy and configuration; matrices channels x channels, index (out, in), channels lead by lead. */
export interface ScatteringSample {
  S: ComplexMatrix;
  /** dS/dE, dS/dX and d2S/dE dX by parameter; what is left out is differenced (8th order; S must be smooth then, phases included). */
  dSdE?: ComplexMatrix;
  dS?: Record<string, ComplexMatrix>;
  mixed?: Record<string, ComplexMatrix>;
  /** First correction in velocity to the frozen S, S(t, E) = S + sum_nu (A_nu + (i/2) d2S/dE dX_nu) dX_nu/dt, E the incoming energy. */
  A?: Record<string, ComplexMatrix>;
}

/** S as a function of energy and parameters. The phase of a channel may depend on the energy, never on X. */
export type ScatteringFunction = (energy: number, at: ParameterValues) => ScatteringSample;

/** S on a grid: S[i][j] at energies[i] and angle 2 pi j / n of the only parameter, rows of [re, im]; A in the same layout. */
export interface ScatteringTable {
  energies: number[];
  S: [number, number][][][][];
  A?: [number, number][][][][];
}

/** S given in place of a Hamiltonian. */
export interface GivenScattering {
  /** One of the two. */
  evaluate?: ScatteringFunction;
  table?: ScatteringTable;
  /** Energy over which S changes (default 1); sets steps and scales, not results. */
  energyScale?: number;
  /** Energies where S is not smooth: integrals are split there. */
  edges?: number[];
  /** True if S is symmetric at every energy and configuration (no magnetic field): then W = Q V. Default false. */
  reciprocal?: boolean;
  /** True if there is no conservative force: det S does not depend on X. Default false: then forces leave it out and say so. */
  sliding?: boolean;
}

/** A device known by its S alone. */
export interface GivenDevice {
  scattering: GivenScattering;
  parameters: string[];
  leads: { name: string; kind: "given"; channels: number }[];
}

/** A generated device: the preset's options, and whatever replaces a part of what it generates. */
export type PresetDevice = { preset: string; [option: string]: unknown };

/** The model file `nanopinwheel/1`, and what the library takes in its place. */
export interface Model {
  $schema?: string;
  format: "nanopinwheel/1";
  title?: string;
  units?: { energy?: EnergyUnit };
  device: ExplicitDevice | GivenDevice | PresetDevice;
  cycle?: Cycle | CycleFunction;
  reservoirs?: Record<string, { chemicalPotential: number; temperature?: number }>;
  rotor?: Partial<Rotor>;
}

/** Sparse Hermitian matrix: upper triangle (row <= column), sorted by row then column, without duplicates. */
export interface SparseHermitian {
  rows: Int32Array;
  columns: Int32Array;
  re: Float64Array;
  im: Float64Array;
}

/** Dense complex matrix, row-major, interleaved; index order (out, in). */
export interface ComplexMatrix {
  shape: [number, number];
  data: Float64Array;
}

/** Dense real matrix, row-major. */
export interface RealMatrix {
  shape: [number, number];
  data: Float64Array;
}

/** Energy-independent broadening Gamma on some orbitals; a probe is the same with its chemical potential left free. */
export interface ResolvedWideBandLead {
  name: string;
  kind: "wideband" | "probe";
  orbitals: Int32Array;
  /** Gamma, Hermitian positive semidefinite, orbitals x orbitals. */
  width: ComplexMatrix;
  /** True if Gamma is diagonal (one number, or one per orbital). */
  diagonal: boolean;
}

/** Semi-infinite chain attached to one orbital. */
export interface ResolvedChainLead {
  name: string;
  kind: "chain";
  orbitals: Int32Array;
  onsite: number;
  hopping: number;
  coupling: number;
}

/** Semi-infinite repetition of a cell: `hopping` = <cell k|H|cell k+1>, `coupling` = <device orbital|H|cell orbital>. */
export interface ResolvedPeriodicLead {
  name: string;
  kind: "periodic";
  orbitals: Int32Array;
  onsite: ComplexMatrix;
  hopping: ComplexMatrix;
  /** orbitals x cell size. */
  coupling: ComplexMatrix;
}

export type ResolvedLead = ResolvedWideBandLead | ResolvedChainLead | ResolvedPeriodicLead;

/** S of a given device with its scales. */
export interface ResolvedScattering {
  /** A unitary S; `defect`: max |S^+ S - 1| of what it was made of. */
  evaluate: (energy: number, at: ParameterValues) => ScatteringSample & { defect: number };
  /** Channels of each lead, always open. */
  channels: number[];
  energyScale: number;
  edges: number[];
  reciprocal: boolean;
  sliding: boolean;
}

/** H(X) given as functions: matrix elements of the upper triangle, and their derivatives by parameter. */
export interface HamiltonianFunction {
  evaluate: (values: ParameterValues) => Triplet[];
  /** dH/dX_nu by parameter; without it H (not S) is differenced centrally with Richardson extrapolation. */
  derivative?: (values: ParameterValues) => Record<string, Triplet[]>;
}

export interface ResolvedDevice {
  orbitals: number;
  /** H0; with a `hamiltonianFunction` the elements at X = 0, whose pattern may grow later. */
  hamiltonian: SparseHermitian;
  /** Parameters in the order of the file; `derivative` is dH/dX_nu (empty with a hamiltonianFunction). */
  parameters: { name: string; derivative: SparseHermitian }[];
  hamiltonianFunction?: HamiltonianFunction;
  /** In place of a Hamiltonian: no orbitals then, and leads that touch none. */
  scattering?: ResolvedScattering;
  leads: ResolvedLead[];
}

export interface ResolvedModel {
  title: string;
  units: EnergyUnit;
  device: ResolvedDevice;
  cycle?: Cycle | CycleFunction;
  /** One entry per lead that is not a probe; present if the file or the preset gives reservoirs. */
  reservoirs?: Record<string, Reservoir>;
  rotor?: Rotor;
  /** Mean chemical potential: of the reservoirs' first two leads if given, else the preset's energy. */
  energy?: number;
  /** What deserves a remark but not a refusal, e.g. orbitals that no path connects to a lead. */
  warnings: Warning[];
}
