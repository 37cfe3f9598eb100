// `serve`: one device, many questions. Each line of standard input is a request {"at": {...},
// "reservoirs"?: {...}, "tolerance"?: t, "dephasing"?: "voltage" | "energy-resolved", "budget"?: n,
// "id"?: text or number}. Each line of standard output is its answer in the form of `forces`, with
// the request's id. Any wrong line is answered with {"error": {...}}, and the next line is read.
// The end of the input ends the command.

import { described, didYouMean, joinedPath, listed } from "../../base/wording.js";
import { forcesOptions } from "../../device/questions/forces.js";
import { type ForcesQuestion, InputError, loadEngine, NumericalError, parseModelText } from "../../index.js";
import { errorDocument } from "../../report/error-document.js";
import { plain } from "../../report/json.js";
import { forcesQuantities, withSi } from "../../report/tables/si.js";
import { given, numberOf, openDevice } from "../answer.js";
import type { CommandEntry } from "../command.js";
import { type ModelOptions, textOf } from "../source.js";
import { type Line, linesOf } from "../streams/lines.js";
import { WriteError } from "../streams/output.js";
import { inputPieces, outputStream } from "../streams/streams.js";

/** The description for the command line. */
export const entry: CommandEntry = {
  description: "forces for one JSON request per line on standard input",
  argument: "model",
  long: true,
  conversation: true,
  options: [
    {
      flags: "--dephasing <kind>",
      description: "probes, for requests that do not say: voltage (default) or energy-resolved",
    },
    {
      flags: "--tolerance <t>",
      description: "relative tolerance, for requests that do not say (default 1e-8)",
    },
    {
      flags: "--budget <n>",
      description:
        "most energies, for requests that do not say (default: a minute or two of work, at most 500000)",
    },
  ],
};

export interface ServeOptions extends ModelOptions {
  tolerance?: string;
  dephasing?: string;
  budget?: string;
}

/** Longest request in bytes. */
const longestRequest = 2 ** 26;
/** Longest id of a request, in characters. */
const longestId = 256;
const known = ["at", "reservoirs", "tolerance", "dephasing", "budget", "id"];

type Request = Record<string, unknown>;

/** The request on a line, before its keys are checked. */
function requestOn({ bytes, cut }: Line): Request {
  if (cut)
    throw new InputError("request", "too long", {
      expected: `a line of at most ${longestRequest} bytes`,
      found: "more",
    });
  const request = parseModelText(textOf(bytes, "request"), "request", "request");
  if (typeof request !== "object" || request === null || Array.isArray(request))
    throw new InputError("request", "not a request", { expected: "an object", found: described(request) });
  return request as Request;
}

/** The request's id, if it has one that can be returned. */
function idOf({ id }: Request): { id?: string | number } {
  const usable = typeof id === "string" ? id.length <= longestId : Number.isFinite(id);
  return usable ? { id: id as string | number } : {};
}

/** Whether a line contains only white space. It is no request and gets no answer. */
const isBlank = ({ bytes, cut }: Line): boolean => !cut && bytes.every((byte) => blank.has(byte));
const blank = new Set([0x20, 0x09, 0x0d]);

function question(request: Request): ForcesQuestion {
  for (const key of Object.keys(request))
    if (!known.includes(key))
      throw new InputError(joinedPath("", key), "unknown key", {
        expected: `one of ${listed(known)}`,
        found: described(key),
        advice: didYouMean(key, known),
      });
  if (request.id !== undefined && !("id" in idOf(request)))
    throw new InputError("id", "wrong value", {
      expected: `a finite number, or text of at most ${longestId} characters`,
      found: described(request.id),
    });
  const { id, ...asked } = request;
  return asked as ForcesQuestion;
}

/**
 * Serves until the input ends. The model cannot come from standard input, which contains the
 * requests.
 */
export default async function serve(file: string | undefined, options: ServeOptions): Promise<undefined> {
  if (file === "-")
    throw new InputError("FILE", "the model cannot come from standard input", {
      expected: "a file or --preset NAME",
      found: '"-"',
      advice: "Standard input holds the requests.",
    });
  const usual: ForcesQuestion = given({
    tolerance: numberOf("--tolerance", options.tolerance),
    dephasing: options.dephasing as ForcesQuestion["dephasing"],
    budget: numberOf("--budget", options.budget),
  });
  forcesOptions(usual);
  const [opened, model] = await openDevice(file, options);
  let device = opened;

  const answer = async (line: Line): Promise<string> => {
    let id = {};
    try {
      const request = requestOn(line);
      id = idOf(request);
      const result = device.forces({ ...usual, ...question(request) });
      return JSON.stringify(plain({ ...id, ...withSi(result, forcesQuantities, device.model.units) }));
    } catch (error) {
      // After a defect the state of the kernels' memory is unknown, and the next request gets new
      // kernels.
      if (!(error instanceof InputError || error instanceof NumericalError))
        device = (await loadEngine()).device(model);
      return JSON.stringify({ ...id, ...errorDocument(error) });
    }
  };
  const output = outputStream();
  // The callback of a write reports its failure.
  output.on("error", () => undefined);
  for await (const line of linesOf(inputPieces(), longestRequest)) {
    if (isBlank(line)) continue;
    const text = `${await answer(line)}\n`;
    const failure = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) =>
      output.write(text, resolve),
    );
    // A closed reader is no error, as for other programs.
    if (failure?.code === "EPIPE") return;
    if (failure) throw new WriteError("standard output", failure);
  }
}
