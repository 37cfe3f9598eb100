// Makes a ResolvedModel of what a user wrote. The order is: schema, preset (merged below the file's
// own keys), device, then cycle, reservoirs and rotor. No value is clamped.

import { InputError } from "../../base/errors.js";
import { cleaned, described, isObject, joinedPath } from "../../base/wording.js";
import { called } from "../called.js";
import { parsed } from "../file/issues.js";
import { checkKeys } from "../file/names.js";
import { modelFormat, modelSchema } from "../file/schema.js";
import { hasReservoir } from "../leads/index.js";
import type { PresetName } from "../presets/all.js";
import { optionsIn, presetModel, presetNamed } from "../presets/index.js";
import { meanReservoir } from "../reservoirs.js";
import type { ExplicitDevice, GivenDevice, Model, ResolvedModel, Rotor } from "../types.js";
import type { Warning } from "../warning.js";
import { resolveDevice } from "./device.js";
import { cycleWarnings, resolveCycle, resolveReservoirs } from "./drive.js";

/**
 * The validated and completed model. The input is not changed; functions in it are kept. Throws
 * InputError with the path of the first wrong field, and nothing else, for any input.
 */
export function resolveModel(input: unknown): ResolvedModel {
  called(() => checkNames(input), "model", "the value could not be read");

  const file = parsed(modelSchema, input) as unknown as Model;
  const { model, presetEnergy } = withPreset(file);
  const { device, warnings } = resolveDevice(model.device);
  const cycle = model.cycle && resolveCycle(model.cycle, device);
  const reservoirs = model.reservoirs && resolveReservoirs(model.reservoirs, device);
  const energy = reservoirs ? meanReservoir(Object.values(reservoirs)).chemicalPotential : presetEnergy;
  return {
    title: cleaned(model.title ?? ""),
    units: model.units?.energy ?? "none",
    device,
    ...(cycle && { cycle }),
    ...(reservoirs && { reservoirs }),
    ...(model.rotor && { rotor: model.rotor as Rotor }),
    ...(energy !== undefined && { energy }),
    warnings: [...warnings, ...cycleWarnings(cycle)],
  };
}

/** Checks format and names, which the schema does not do. */
function checkNames(input: unknown): void {
  checkFormat(input);
  const { device, cycle, reservoirs } = input as Record<string, unknown>;
  if (typeof device === "object" && device !== null) {
    checkKeys((device as Record<string, unknown>).parameters, "device.parameters");
  }
  checkKeys(cycle, "cycle");
  checkKeys(reservoirs, "reservoirs");
}

/** Checks the format first, because a file of another version may differ in everything else. */
function checkFormat(input: unknown): void {
  if (!isObject(input)) {
    throw new InputError("model", "not a model", { expected: "an object", found: described(input) });
  }
  const { format } = input;
  if (format === modelFormat) return;
  const other = typeof format === "string" && format.startsWith("nanopinwheel/");
  const what =
    format === undefined
      ? "this key is missing"
      : other
        ? "another version of the format"
        : "no known format";
  throw new InputError("format", what, {
    expected: JSON.stringify(modelFormat),
    found: described(format),
    advice: other ? "Use the version of nanopinwheel this file was written for." : undefined,
  });
}

/** A model whose device is written out. */
type WrittenModel = Model & { device: ExplicitDevice | GivenDevice };

/**
 * The keys of a file over those of its preset, at the top level and in the device. Without a preset
 * the result is the file itself.
 */
function withPreset(file: Model): { model: WrittenModel; presetEnergy?: number } {
  if (!("preset" in file.device)) return { model: file as WrittenModel };
  const { preset: name, ...given } = file.device;
  const options = optionsIn(name as PresetName, given);
  // The energy only places the preset's reservoirs and is not needed if the file has its own.
  if (file.reservoirs && "energy" in presetNamed(name as PresetName).entries) {
    options.energy ??= meanReservoir(Object.values(file.reservoirs)).chemicalPotential;
  }
  const preset = presetModel(name, options);
  const replaced = definedOnly(partsIn(given as Partial<ExplicitDevice>));
  if ("scattering" in preset.device && Object.keys(replaced).length > 0)
    throw new InputError(joinedPath("device", Object.keys(replaced)[0]), "the preset has no Hamiltonian", {
      expected: `none of ${Object.keys(partsIn({})).join(", ")} beside the preset ${name}`,
      found: Object.keys(replaced).join(", "),
    });
  const device = { ...preset.device, ...replaced } as ExplicitDevice;
  if (replaced.hamiltonian !== undefined) delete device.derivative;

  const model = { ...preset, ...definedOnly(file), title: file.title || preset.title, device };
  // The preset's cycle and reservoirs are kept only with its own parameters and leads.
  const names = device.leads.filter(hasReservoir).map((lead) => lead.name);
  const sameLeads = names.every((name) => Object.hasOwn(preset.reservoirs, name)) && names.length === 2;
  if (!file.reservoirs && !sameLeads) delete (model as Model).reservoirs;
  const known = Array.isArray(device.parameters) ? device.parameters : Object.keys(device.parameters ?? {});
  const sameParameters = Object.keys(preset.cycle).every((name) => known.includes(name));
  if (!file.cycle && !sameParameters) delete (model as Model).cycle;
  return { model, presetEnergy: meanReservoir(Object.values(preset.reservoirs)).chemicalPotential };
}

/** The parts of a device that may be given beside a preset. */
const partsIn = ({
  orbitals,
  hamiltonian,
  parameters,
  terms,
  samples,
  overlap,
  positions,
  leads,
}: Partial<ExplicitDevice>): Partial<ExplicitDevice> => ({
  orbitals,
  hamiltonian,
  parameters,
  terms,
  samples,
  overlap,
  positions,
  leads,
});

/** The keys whose value is not undefined. */
export const definedOnly = <T extends object>(object: T): Partial<T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;

/** The contents of a valid model in brief. */
export interface ModelSummary {
  /** Always true, because an invalid model has no summary. */
  ok: true;
  /** Number of orbitals; 0 if S is given. */
  orbitals: number;
  /** Names of the leads with probes, in the order of the channels. */
  leads: string[];
  /** Names of the parameters, in the order of all results. */
  parameters: string[];
  /** Warnings about the model. */
  warnings: Warning[];
}

/** The summary of a resolved model that `validate` reports: sizes, names and warnings. */
export function modelSummary({ device, warnings }: Pick<ResolvedModel, "device" | "warnings">): ModelSummary {
  return {
    ok: true,
    orbitals: device.orbitals,
    leads: device.leads.map((lead) => lead.name),
    parameters: device.parameters.map((parameter) => parameter.name),
    warnings,
  };
}
