// The presets by name: generated models for the devices every user asks for, each a function of its options in a file of its own.

import * as v from "valibot";
import { InputError } from "../errors.js";
import { parsed } from "../issues.js";
import type { Model } from "../types.js";
import { described, didYouMean, listed } from "../wording.js";
import { benzene } from "./benzene.js";
import { chaoticDot } from "./chaotic-dot.js";
import { dirac } from "./dirac.js";
import { doubleDot } from "./double-dot.js";
import { openDot } from "./open-dot.js";
import { type PresetName, type PresetOptions, presetOptions, presetOptionsSchema } from "./options.js";
import type { PresetModel } from "./parts.js";
import { resonantLevel } from "./resonant-level.js";
import { thouless } from "./thouless.js";
import { twoGate } from "./two-gate.js";
import { twoPath } from "./two-path.js";
import { wheel } from "./wheel.js";

const generators: { [N in PresetName]?: (options: PresetOptions<N>) => PresetModel } = {
  thouless,
  dirac,
  wheel,
  "two-gate": twoGate,
  "double-dot": doubleDot,
  "two-path": twoPath,
  "resonant-level": resonantLevel,
  "chaotic-dot": chaoticDot,
  benzene,
  "open-dot": openDot,
};

/** Names of the presets this version can make. */
export const presetNames = Object.keys(generators) as PresetName[];

/** The known options of a preset, among the keys of a device that also holds replacements for generated parts. */
export function optionsIn(name: PresetName, device: Record<string, unknown>): Record<string, unknown> {
  const known = Object.keys(presetOptions[name].entries);
  return Object.fromEntries(
    known.filter((key) => device[key] !== undefined).map((key) => [key, device[key]]),
  );
}

function checkedName(name: string): PresetName {
  if (Object.hasOwn(generators, name)) return name as PresetName;
  const known = Object.hasOwn(presetOptions, name);
  throw new InputError(
    "device.preset",
    known ? `preset ${name} is not available in this version` : "unknown preset",
    {
      expected: `one of ${listed(presetNames)}`,
      found: described(name),
      advice: didYouMean(name, presetNames),
    },
  );
}

/**
 * The complete model of a preset, options left out at their defaults. Throws InputError for an unknown preset or option.
 * `wheel` has a Hamiltonian given as a function, `dirac` an S; all others are plain JSON.
 */
export function presetModel(name: string, options: Record<string, unknown> = {}): PresetModel {
  const preset = checkedName(name);
  const generate = generators[preset] as (options: unknown) => PresetModel;
  return generate(parsed(presetOptionsSchema(preset), options, "device"));
}

/** The same as a model file: plain JSON, where a Hamiltonian or an S that is a function stands as the preset's name and options. */
export function presetFile(name: string, options: Record<string, unknown> = {}): Model {
  const model = presetModel(name, options);
  if (!("scattering" in model.device) && typeof model.device.hamiltonian !== "function") return model;
  const chosen = parsed(presetOptionsSchema(name as PresetName), options, "device") as Record<
    string,
    unknown
  >;
  return { ...model, device: { preset: name, ...chosen } };
}

/** One line per preset and its options with their defaults (undefined: derived from the others). */
export function describePresets(): {
  name: PresetName;
  description: string;
  options: { name: string; description: string; default: unknown }[];
}[] {
  return presetNames.map((name) => ({
    name,
    description: presetOptions[name].description,
    options: Object.entries(presetOptions[name].entries as v.ObjectEntries).map(([option, schema]) => ({
      name: option,
      description: optionDescription(schema as v.GenericSchema),
      default: v.getDefault(schema as v.GenericSchema),
    })),
  }));
}

/** An optional schema carries its description inside. */
const optionDescription = (schema: v.GenericSchema): string =>
  v.getDescription("wrapped" in schema ? (schema.wrapped as v.GenericSchema) : schema) ?? "";
