// `scatter`: the S-matrix at one energy and configuration, with its derivatives.

import { parseAssignments } from "../../index.js";
import type { ComplexMatrix } from "../../numerics/linear-algebra/matrices.js";
import { significant, small } from "../../report/tables/numbers.js";
import { type Answer, given, numberOf, openDevice, type Progress } from "../answer.js";
import { type CommandEntry, shared } from "../command.js";
import type { ModelOptions } from "../source.js";
import { warn } from "../streams/output.js";

/** The description for the command line. */
export const entry: CommandEntry = {
  description: "S-matrix and its derivatives at one energy",
  example: "nanopinwheel scatter --preset two-gate --energy 0.1 --at x=0.3,y=0.2",
  argument: "model",
  long: true,
  options: [shared.energy, shared.at],
};

export interface ScatterOptions extends ModelOptions {
  energy?: string;
  at?: string;
}

/** Most channels of matrices that the terminal shows; larger ones are in the JSON result. */
const mostShown = 6;

/**
 * Rows of a complex matrix with index (out, in). Parts below the rounding noise of the largest
 * element are shown as zero.
 */
function rowsOf(name: string, { shape: [rows, columns], data }: ComplexMatrix, defect: number): string[] {
  const noise = Math.max(1e-15, defect) * data.reduce((most, part) => Math.max(most, Math.abs(part)), 0);
  const part = (at: number) => significant(Math.abs(data[at]) <= noise ? 0 : data[at]);
  const element = (at: number) => {
    const imaginary = part(2 * at + 1);
    return `${part(2 * at)} ${imaginary.startsWith("-") ? "-" : "+"} ${imaginary.replace(/^-/, "")} i`;
  };
  const texts = Array.from({ length: rows * columns }, (_, at) => element(at));
  const width = Math.max(...texts.map((text) => text.length));
  return Array.from({ length: rows }, (_, row) => {
    const cells = texts.slice(row * columns, (row + 1) * columns).map((text) => text.padStart(width));
    return `${(row === 0 ? `${name} =` : "").padEnd(10)}${cells.join("   ")}`;
  });
}

export default async function scatter(
  file: string | undefined,
  options: ScatterOptions,
  progress: Progress,
): Promise<Answer> {
  const energy = numberOf("--energy", options.energy);
  const [device] = await openDevice(file, options);
  const at =
    options.at === undefined ? undefined : parseAssignments(options.at, device.parameterNames, "--at");
  progress("S and its derivatives");
  const { warnings, ...result } = device.scatter(given({ energy, at }));
  warn(warnings);
  const lines = Object.entries(result.transmission).flatMap(([to, row]) =>
    Object.entries(row).map(([from, value]) => `T(${to} from ${from}) = ${significant(value, 12)}`),
  );
  const place = Object.entries(result.at).map(([name, value]) => `, ${name} = ${significant(value)}`);
  const matrices: [string, ComplexMatrix][] = [
    ["S", result.S],
    ...(result.dSdE ? ([["dS/dE", result.dSdE]] as [string, ComplexMatrix][]) : []),
    ...Object.entries(result.dS).map(([name, matrix]): [string, ComplexMatrix] => [`dS/d${name}`, matrix]),
  ];
  const few = result.channels.length > 0 && result.channels.length <= mostShown;
  const shown = few ? matrices.flatMap(([name, matrix]) => rowsOf(name, matrix, result.unitarityDefect)) : [];
  return {
    result,
    text: [
      `energy ${significant(result.energy, 10)}${place.join("")}; ${result.channels.length} channels`,
      ...lines,
      ...(result.delay
        ? [`delays ${Array.from(result.delay.eigenvalues, (time) => significant(time, 6)).join(", ")}`]
        : []),
      ...shown,
      `unitarity defect ${small(result.unitarityDefect)}`,
      "",
    ].join("\n"),
  };
}
