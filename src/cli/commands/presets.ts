// `presets`: the generated models with their options, or one of them as a model file.

import { describePresets, parseSettings, presetFile } from "../../index.js";
import { jsonText } from "../../report/json.js";
import type { Answer } from "../answer.js";
import type { CommandEntry } from "../command.js";

/** The description for the command line. */
export const entry: CommandEntry = {
  description: "the generated models, or one of them in full",
  example: "nanopinwheel presets thouless --set sites=16",
  argument: "preset",
  long: false,
  options: [{ flags: "--set <key=value...>", description: "options of the preset" }],
};

/** Default of an option. An option without one follows from the others. */
const shown = (value: unknown): string => (value === undefined ? "derived" : JSON.stringify(value));

export default function presets(name: string | undefined, { set }: { set?: string[] }): Answer {
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
