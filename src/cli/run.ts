// `run`: the whole analysis of a motor. Each stage writes what is known so far to DIR/results.json, in one step, so that
// an interrupt keeps it.

import { biasSweep } from "../report/bias-sweep.js";
import { curvatureMap } from "../report/curvature-map.js";
import { datasheetRows, datasheetText } from "../report/datasheet.js";
import { jsonText } from "../report/json.js";
import { spectrumOf, transmissionRows, transmissionText } from "../report/spectrum.js";
import { type Answer, given, numberOf, openDevice, type Progress } from "./answer.js";
import { makeDirectory, tell, writeResults } from "./output.js";
import { reportContent, writeReport } from "./run-report.js";
import { type ModelOptions, modelFile } from "./source.js";

export interface RunOptions extends ModelOptions {
  out: string;
  energy?: string;
  tolerance?: string;
}

export async function run(
  file: string | undefined,
  options: RunOptions,
  progress: Progress,
): Promise<Answer> {
  const request = given({
    energy: numberOf("--energy", options.energy),
    tolerance: numberOf("--tolerance", options.tolerance),
  });
  const [device, model] = await openDevice(file, options);
  makeDirectory(options.out);
  const title = String((model as { title?: unknown }).title ?? "");
  const { orbitals, leadNames: leads, parameterNames: parameters, warnings } = device;
  const heading = { title, orbitals, leads, parameters, warnings };

  if (device.model.cycle === undefined) {
    progress("transmission");
    const atRest = { ...heading, spectrum: spectrumOf(device) };
    const rows = transmissionRows(device, request.energy);
    tell(`wrote ${writeResults(options.out, jsonText(atRest))}`);
    const content = reportContent(device, modelFile(model, options), atRest, rows);
    tell(`wrote ${await writeReport(options.out, content)}`);
    return { result: atRest, text: transmissionText(heading, rows) };
  }
  progress("charge per turn");
  const pump = device.pump(request);
  writeResults(options.out, jsonText({ ...heading, pump }));
  progress("linear response");
  const linearResponse = device.linearResponse(request);
  writeResults(options.out, jsonText({ ...heading, linearResponse, pump }));
  progress("pumping curvature");
  const curvature = curvatureMap(device, request.energy);
  const known = { ...heading, linearResponse, pump, ...(curvature === undefined ? {} : { curvature }) };
  writeResults(options.out, jsonText(known));
  progress("motor");
  const motor = device.motor({
    ...given({ tolerance: request.tolerance }),
    progress: (done, total) => progress("motor", done, total),
  });
  writeResults(options.out, jsonText({ ...known, motor }));
  const sweep = biasSweep(device, motor, (done, total) => progress("speed against bias", done, total));
  const result = { ...known, motor, ...(sweep === undefined ? {} : { biasSweep: sweep }) };
  tell(`wrote ${writeResults(options.out, jsonText(result))}`);
  progress("report");
  const rows = datasheetRows({ response: linearResponse, charge: pump.charge });
  const content = reportContent(device, modelFile(model, options), result, rows);
  tell(`wrote ${await writeReport(options.out, content)}`);
  return {
    result,
    text: datasheetText({
      title,
      orbitals,
      leads,
      parameters,
      response: linearResponse,
      charge: pump.charge,
    }),
  };
}
