// What a command is: its file in commands/ exports `entry`, which the command line shows and reads
// arguments by, and as its default what it does. The lists of all commands are written from the
// files of that folder (scripts/lists.mjs).

/** One option: its flags as commander reads them, what it means, and whether it must be given. */
export interface OptionEntry {
  flags: string;
  description: string;
  required?: boolean;
}

/** A command as the command line shows it. */
export interface CommandEntry {
  description: string;
  /**
   * What its argument names: a model file, with the options --preset and --set beside it, or a
   * preset.
   */
  argument: "model" | "preset";
  /** Options beside --json and those of the argument. */
  options: readonly OptionEntry[];
  /**
   * True if the work may take long: it is done in a thread of its own, so that progress is shown
   * and an interrupt obeyed.
   */
  long: boolean;
  /** True if standard input holds requests instead of a model. */
  conversation?: boolean;
}

/** Options that several commands have. */
export const shared = {
  energy: { flags: "--energy <E>", description: "energy (default: mean chemical potential)" },
  at: { flags: "--at <x=..,y=..>", description: "parameter values (default: 0)" },
  tolerance: { flags: "--tolerance <t>", description: "asked relative error (default 1e-8)" },
  budget: {
    flags: "--budget <n>",
    description:
      "most energies at which the device is solved (default: of a minute or two, at most 500000 of a configuration, 20 million of a turn)",
  },
  dephasing: {
    flags: "--dephasing <kind>",
    description: "probes: voltage (default) or energy-resolved",
  },
  load: { flags: "--load <L>", description: "torque of the load (default: the rotor's)" },
  bias: {
    flags: "--bias <V>",
    description: "chemical potentials of the first two leads to +V/2 and -V/2 about their mean",
  },
  inertia: {
    flags: "--inertia <I>",
    description: "moment of inertia; 0: overdamped, infinite: uniform rotation (default: the rotor's)",
  },
} as const satisfies Record<string, OptionEntry>;
