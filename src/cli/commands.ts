// One function per command: reads the options as the library wants them, computes, returns the JSON result and the text for a reader.

import {
  describePresets,
  InputError,
  loadEngine,
  parseAssignments,
  parseSettings,
  presetFile,
} from "../index.js";
import { datasheetText } from "../report/datasheet.js";
import { jsonText } from "../report/json.js";
import { significant, small } from "../report/numbers.js";
import { makeDirectory, tell, warn, writeResults } from "./output.js";
import { type ModelOptions, readModel } from "./source.js";

type Engine = Awaited<ReturnType<typeof loadEngine>>;
type Device = ReturnType<Engine["device"]>;

/** What a command hands back: the document of `--json`, and the same for a reader. */
export interface Answer {
  result: unknown;
  text: string;
}

export interface ScatterOptions extends ModelOptions {
  energy?: string;
  at?: string;
}

export interface PumpOptions extends ModelOptions {
  energy?: string;
  points?: string;
  tolerance?: string;
}

export interface RunOptions extends ModelOptions {
  out: string;
  energy?: string;
  tolerance?: string;
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new InputError(option, "wrong value", { expected: "a finite number", found: `"${text}"` });
  }
  return value;
}

/** Options that were given, without those that were not. */
function given<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

async function openDevice(file: string | undefined, options: ModelOptions): Promise<[Device, unknown]> {
  const model = readModel(file, options);
  const engine = await loadEngine();
  const device = engine.device(model as Parameters<Engine["device"]>[0]);
  warn(device.warnings);
  return [device, model];
}

export async function validate(file: string | undefined, options: ModelOptions): Promise<Answer> {
  const [device] = await openDevice(file, options);
  const { orbitals, leadNames, parameterNames, warnings } = device;
  const result = { ok: true, orbitals, leads: leadNames, parameters: parameterNames, warnings };
  const parameters = parameterNames.length > 0 ? parameterNames.join(", ") : "none";
  return {
    result,
    text: `valid: ${orbitals} orbitals; leads ${leadNames.join(", ")}; parameters ${parameters}\n`,
  };
}

export async function scatter(file: string | undefined, options: ScatterOptions): Promise<Answer> {
  const energy = numberOf("--energy", options.energy);
  const [device] = await openDevice(file, options);
  const at =
    options.at === undefined ? undefined : parseAssignments(options.at, device.parameterNames, "--at");
  const { warnings, ...result } = device.scatter(given({ energy, at }));
  warn(warnings);
  const lines = Object.entries(result.transmission).flatMap(([to, row]) =>
    Object.entries(row).map(([from, value]) => `T(${to} from ${from}) = ${significant(value, 12)}`),
  );
  const place = Object.entries(result.at).map(([name, value]) => `, ${name} = ${significant(value)}`);
  return {
    result,
    text: [
      `energy ${significant(result.energy, 10)}${place.join("")}; ${result.channels.length} channels`,
      ...lines,
      `unitarity defect ${small(result.unitarityDefect)}`,
      "",
    ].join("\n"),
  };
}

export async function pump(file: string | undefined, options: PumpOptions): Promise<Answer> {
  const request = given({
    energy: numberOf("--energy", options.energy),
    points: numberOf("--points", options.points),
    tolerance: numberOf("--tolerance", options.tolerance),
  });
  const [device] = await openDevice(file, options);
  const result = device.pump(request);
  const charges = Object.entries(result.charge).map(
    ([lead, charge]) => `charge per turn from ${lead}: ${significant(charge, 12)}`,
  );
  return {
    result,
    text: [
      ...charges,
      `error estimate ${small(result.error)} with ${result.points} points on the cycle`,
      `unitarity defect ${small(result.certificate.unitarity)}, charge balance ${small(result.certificate.chargeBalance)}`,
      "",
    ].join("\n"),
  };
}

export async function run(file: string | undefined, options: RunOptions): Promise<Answer> {
  const request = given({
    energy: numberOf("--energy", options.energy),
    tolerance: numberOf("--tolerance", options.tolerance),
  });
  const [device, model] = await openDevice(file, options);
  makeDirectory(options.out);
  const response = device.linearResponse(request);
  const pumped = device.pump(request);
  const title = String((model as { title?: unknown }).title ?? "");
  const { orbitals, leadNames: leads, parameterNames: parameters, warnings } = device;
  const result = { title, orbitals, leads, parameters, warnings, linearResponse: response, pump: pumped };
  const path = writeResults(options.out, jsonText(result));
  tell(`wrote ${path}`);
  return {
    result,
    text: datasheetText({ title, orbitals, leads, parameters, response, charge: pumped.charge }),
  };
}

/** Default of an option; those without one follow from the others. */
const shown = (value: unknown): string => (value === undefined ? "derived" : JSON.stringify(value));

export function presets(name: string | undefined, { set }: { set?: string[] }): Answer {
  if (name !== undefined) {
    const result = presetFile(name, parseSettings(set ?? []));
    return { result, text: jsonText(result) };
  }
  const result = describePresets();
  const lines = result.flatMap((preset) => [
    `${preset.name}: ${preset.description}`,
    ...preset.options.map((option) =>
      `  ${option.name} = ${shown(option.default)}  ${option.description}`.trimEnd(),
    ),
  ]);
  return { result, text: `${lines.join("\n")}\n` };
}
