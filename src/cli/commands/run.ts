// `run`: the whole analysis of a motor in stages. Each stage writes what is known so far to
// DIR/results.json, in one step, so that an interrupt keeps it. At the end the report is made from
// the same results. If a later stage cannot be computed, a message says so, the report lacks it,
// and the other stages go on. If files cannot be written, the results still go to standard output.

import { shortened } from "../../base/wording.js";
import { type Device, NumericalError, plain } from "../../index.js";
import type { Warning } from "../../model/warning.js";
import { modelText } from "../../report/model-text.js";
import { type RunResults, resultsDocument, warningsOf } from "../../report/results.js";
import { biasSweep } from "../../report/stages/bias-sweep.js";
import { sweepable, turnAffordable } from "../../report/stages/cost.js";
import { curvatureMap } from "../../report/stages/curvature-map.js";
import { noisyMotion } from "../../report/stages/noisy-motion.js";
import { loadCurveOf, quadrantsOf } from "../../report/stages/operation.js";
import { spectrumOf, transmissionRows, transmissionText } from "../../report/stages/spectrum.js";
import { datasheetRows, datasheetText } from "../../report/tables/datasheet.js";
import { type Answer, given, numberOf, openDevice, type Progress } from "../answer.js";
import { type CommandEntry, shared } from "../command.js";
import { ResultsDirectory } from "../results-directory.js";
import { reportContent, writeReport } from "../run-report.js";
import { type ModelOptions, modelFile } from "../source.js";
import { statusOf } from "../status.js";
import { tell, warn } from "../streams/output.js";

/** The description for the command line. */
export const entry: CommandEntry = {
  description: "the whole analysis: table here; results.json, report.html and figures in DIR",
  example: "nanopinwheel run --preset thouless --set sites=16 --tolerance 1e-4",
  argument: "model",
  long: true,
  options: [
    { flags: "--out <DIR>", description: "directory of the results (default: result)" },
    shared.energy,
    shared.tolerance,
    shared.budget,
    shared.workers,
  ],
};

export interface RunOptions extends ModelOptions {
  out?: string;
  energy?: string;
  tolerance?: string;
  budget?: string;
  workers?: string;
}

/** Longest title above a table. */
const longestHeading = 200;

interface Request {
  energy?: number;
  tolerance?: number;
  budget?: number;
}

/** A part of the analysis: its name, and the results that it adds. */
export interface Stage {
  name: string;
  /** Whether the datasheet needs this stage, so that there is no answer without it. */
  needed?: true;
  work: (known: RunResults, progress: (done: number, total: number) => void) => Partial<RunResults>;
}

/** An object with the key, or without it if the value is undefined. */
const some = <K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<K, T>>;

const leftOut = (text: string): Warning => ({ code: "left-out", text });

/** The stages of a run of this device, in order. */
export function stagesOf(device: Device, { energy, tolerance, budget }: Request): Stage[] {
  const request = given({ energy, tolerance, budget });
  if (device.model.cycle === undefined) {
    return [{ name: "transmission", needed: true, work: () => some("spectrum", spectrumOf(device)) }];
  }
  const atReservoirs: Stage[] = [
    {
      name: "motor",
      work: ({ warnings }, progress) => {
        if (turnAffordable(device))
          return { motor: device.motor({ ...given({ tolerance, budget }), progress }) };
        const note =
          "the turn at the file's reservoirs is left out: it takes too long with so many voltage probes (the command `motor` computes it)";
        return { warnings: [...warnings, leftOut(note)] };
      },
    },
    {
      name: "load curve",
      work: ({ motor }) => (motor === undefined ? {} : loadCurveOf(device, motor)),
    },
    {
      name: "speed against bias",
      work: ({ motor, warnings }, progress) => {
        if (motor === undefined || sweepable(device, motor))
          return some("biasSweep", motor && biasSweep(device, motor, progress));
        const note =
          "speed against bias and quadrants are left out: this device takes too long for curves at many biases";
        return { warnings: [...warnings, leftOut(note)] };
      },
    },
    {
      name: "quadrants",
      work: ({ motor }, progress) =>
        some(
          "quadrants",
          motor && sweepable(device, motor) ? quadrantsOf(device, motor, progress) : undefined,
        ),
    },
    {
      name: "trajectories",
      work: ({ motor }) => some("simulation", motor && noisyMotion(device, motor)),
    },
  ];
  return [
    { name: "charge per turn", needed: true, work: () => ({ pump: device.pump(request) }) },
    {
      name: "linear response",
      needed: true,
      work: () => ({ linearResponse: device.linearResponse(request) }),
    },
    { name: "pumping curvature", work: () => some("curvature", curvatureMap(device, energy)) },
    ...(device.model.reservoirs === undefined ? [] : atReservoirs),
  ];
}

/** The rows of the table of results, and the same as text for a terminal. */
function tableOf(
  device: Device,
  results: RunResults,
  energy?: number,
): { rows: readonly string[][]; text: string } {
  const { pump, linearResponse } = results;
  if (pump === undefined || linearResponse === undefined) {
    const rows = transmissionRows(device, energy);
    return { rows, text: transmissionText(results, rows) };
  }
  const sheet = { ...results, response: linearResponse, charge: pump.charge };
  // The page shows the motor's numbers in a table of their own.
  return { rows: datasheetRows({ ...sheet, motor: undefined }), text: datasheetText(sheet) };
}

export default async function run(
  file: string | undefined,
  options: RunOptions,
  progress: Progress,
): Promise<Answer> {
  const request = {
    energy: numberOf("--energy", options.energy),
    tolerance: numberOf("--tolerance", options.tolerance),
    budget: numberOf("--budget", options.budget),
  };
  const [device, model] = await openDevice(file, options);
  const directory = new ResultsDirectory(options.out ?? "result");
  let results: RunResults = {
    title: device.model.title,
    orbitals: device.orbitals,
    leads: device.leadNames,
    parameters: device.parameterNames,
    warnings: device.warnings,
  };
  const document = () => plain(resultsDocument(results));
  const missing: string[] = [];
  let path: string | undefined;
  for (const { name, needed, work } of stagesOf(device, request)) {
    progress(name);
    try {
      results = { ...results, ...work(results, (done, total) => progress(name, done, total)) };
    } catch (error) {
      if (needed || !(error instanceof NumericalError)) throw error;
      missing.push(`${name}: ${error.message}`);
      tell(`not computed: ${name}: ${error.message}`);
    }
    path = directory.write("results.json", `${modelText(document())}\n`);
  }
  warn(warningsOf(results).slice(device.warnings.length));
  if (path !== undefined) tell(`wrote ${path}`);
  progress("report");
  const shown = { ...results, title: shortened(results.title, longestHeading) };
  const { rows, text } = tableOf(device, shown, request.energy);
  let status = missing.length > 0 ? 3 : 0;
  try {
    const content = reportContent(device, modelFile(model, options), shown, rows, missing);
    const page = await writeReport(directory, content);
    if (page !== undefined) tell(`wrote ${page}`);
  } catch (error) {
    // The numbers are known even if the report fails.
    status = statusOf(error);
  }
  return { result: document(), text, status: directory.failed ? 1 : status };
}
