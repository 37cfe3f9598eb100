// The presets by name: generated models of frequently used devices. Each is a function of its
// options in a file of its own.

import * as v from "valibot";
import { InputError } from "../../base/errors.js";
import { described, didYouMean, listed } from "../../base/wording.js";
import { parsed } from "../file/issues.js";
import type { Model } from "../types.js";
import { type PresetName, presets } from "./all.js";
import type { PresetModel } from "./parts/pieces.js";
import { optionsSchema, type Preset } from "./parts/preset.js";

/** A preset by its name, without the types of its options. */
export const presetNamed = (name: PresetName): Preset => presets[name] as unknown as Preset;

/** Names of the available presets. */
export const presetNames = Object.keys(presets) as PresetName[];

/**
 * The options of a preset among the keys of a device, which may also contain replacements for
 * generated parts.
 */
export function optionsIn(name: PresetName, device: Record<string, unknown>): Record<string, unknown> {
  const known = Object.keys(presets[name].entries);
  return Object.fromEntries(
    known.filter((key) => device[key] !== undefined).map((key) => [key, device[key]]),
  );
}

function checkedName(name: string): PresetName {
  if (Object.hasOwn(presets, name)) return name as PresetName;
  throw new InputError("device.preset", "unknown preset", {
    expected: `one of ${listed(presetNames)}`,
    found: described(name),
    advice: didYouMean(name, presetNames),
  });
}

/**
 * The complete model of a preset. Options that are not given have their defaults
 * (`describePresets`). Throws InputError for an unknown preset or option, for an option out of its
 * range, and for options whose numbers overflow. `wheel` has a Hamiltonian given as a function, and
 * `dirac` an S; all other presets are plain JSON.
 */
export function presetModel(name: string, options: Record<string, unknown> = {}): PresetModel {
  const preset = presetNamed(checkedName(name));
  const model = preset.model(parsed(optionsSchema(preset), options, "device"));
  if (!allFinite(model))
    throw new InputError("device", `these options of the preset ${name} exceed the range of numbers`, {
      expected: "options that give finite matrix elements and energies",
      found: "elements beyond the largest number",
    });
  return model;
}

/** Whether every number in plain data is finite. */
function allFinite(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  return (Array.isArray(value) ? value : Object.values(value)).every(allFinite);
}

/**
 * The model of a preset as a model file, with the errors of `presetModel`. It is plain JSON: a
 * device whose Hamiltonian or S is a function appears as the preset's name and options.
 */
export function presetFile(name: string, options: Record<string, unknown> = {}): Model {
  const model = presetModel(name, options);
  if (!("scattering" in model.device) && typeof model.device.hamiltonian !== "function") return model;
  const chosen = parsed(optionsSchema(presetNamed(name as PresetName)), options, "device");
  return { ...model, device: { preset: name, ...chosen } };
}

/** An option of a preset. */
export interface PresetOption {
  /** Name of the option. */
  name: string;
  /** Description in one line, with the range. */
  description: string;
  /** The default; undefined if it follows from other options. */
  default: unknown;
}

/** A preset and its options. */
export interface PresetDescription {
  /** Name of the preset. */
  name: PresetName;
  /** Description of the device in one line. */
  description: string;
  /** The options of the preset. */
  options: PresetOption[];
}

/** Every preset in one line, and its options with their defaults. */
export function describePresets(): PresetDescription[] {
  return presetNames.map((name) => ({
    name,
    description: presets[name].description,
    options: Object.entries(presetNamed(name).entries).map(([option, schema]) => ({
      name: option,
      description: optionDescription(schema as v.GenericSchema),
      default: v.getDefault(schema as v.GenericSchema),
    })),
  }));
}

/** The description of an option, which an optional schema carries inside. */
const optionDescription = (schema: v.GenericSchema): string =>
  v.getDescription("wrapped" in schema ? (schema.wrapped as v.GenericSchema) : schema) ?? "";
