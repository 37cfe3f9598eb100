// A preset is one file with its name, a description in one line, the schema of its options (types,
// bounds, defaults, descriptions), and the function from options to a model. The list of all
// presets is generated from the files of this folder when the kernels are compiled
// (scripts/lists.mjs).

import * as v from "valibot";
import { anyNumber, closedObject, nonNegative, wholeNumber } from "../../file/fields.js";
import type { PresetModel } from "./pieces.js";

/** The options of a preset with all defaults. */
export type OptionsOf<Entries> = {
  [Key in keyof Entries]: Entries[Key] extends v.GenericSchema ? v.InferOutput<Entries[Key]> : never;
};

/** The definition of a preset. */
export interface Preset<Entries extends v.ObjectEntries = v.ObjectEntries> {
  readonly description: string;
  readonly entries: Entries;
  /** The model for checked options. Throws InputError if options contradict each other. */
  readonly model: (options: OptionsOf<Entries>) => PresetModel;
}

export const preset = <const Entries extends v.ObjectEntries>(definition: Preset<Entries>): Preset<Entries> =>
  definition;

/** Schema of a preset's options alone. */
export const optionsSchema = ({ entries }: Pick<Preset, "entries">) => closedObject(entries);

/** Largest number of sites of a generated device. */
export const mostSites = 1_000_000;

/** Schemas of options that several presets have. */
export const sites = (initial: number) => v.optional(wholeNumber(2, mostSites, "Number of sites"), initial);
export const energy = (initial: number) =>
  v.optional(anyNumber("Mean chemical potential the preset brings"), initial);
export const dephasing = (where: string) => v.optional(nonNegative(`Width of ${where}; 0: none`), 0);
