// The type of a command. Its file in commands/ exports `entry`, which describes the command and its
// arguments to the command line, and as default export the function that executes it. The lists of
// all commands are generated from the files of that folder (scripts/lists.mjs).

/** One option: flags in commander's notation, description, and whether the option is required. */
export interface OptionEntry {
  flags: string;
  description: string;
  required?: boolean;
}

/** The description of a command for the command line. */
export interface CommandEntry {
  description: string;
  /** A line for a shell that shows the command at work; it ends the command's help. */
  example: string;
  /**
   * Kind of its argument: a model file (with the options --preset and --set), a preset, or a format
   * of another code and its file.
   */
  argument: "model" | "preset" | "foreign";
  /** Options besides --json and those of the argument. */
  options: readonly OptionEntry[];
  /**
   * Whether the work may take long. It is then done in a thread, so that progress is shown and an
   * interrupt takes effect at once.
   */
  long: boolean;
  /** Whether standard input contains requests in place of a model. */
  conversation?: boolean;
}

/** Options that several commands have. */
export const shared = {
  energy: { flags: "--energy <E>", description: "energy (default: mean chemical potential)" },
  at: { flags: "--at <x=..,y=..>", description: "parameter values (default: 0)" },
  tolerance: { flags: "--tolerance <t>", description: "relative tolerance (default 1e-8)" },
  budget: {
    flags: "--budget <n>",
    description:
      "most energies at which the device is solved (default: a minute or two of work, at most 500000 for a configuration, 20 million for a turn)",
  },
  workers: {
    flags: "--workers <n>",
    description:
      "threads that compute (default: as many as the processor has cores); the numbers are the same",
  },
  dephasing: {
    flags: "--dephasing <kind>",
    description: "probes: voltage (default) or energy-resolved",
  },
  load: { flags: "--load <L>", description: "torque of the load (default: the rotor's)" },
  bias: {
    flags: "--bias <V>",
    description: "sets the chemical potentials of the first two leads to +V/2 and -V/2 about their mean",
  },
  inertia: {
    flags: "--inertia <I>",
    description: "moment of inertia; 0: overdamped, infinite: uniform rotation (default: the rotor's)",
  },
} as const satisfies Record<string, OptionEntry>;
