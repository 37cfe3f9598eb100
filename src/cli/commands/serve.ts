// `serve`: one device, many questions. Each line of standard input is a request {"question"?: name,
// "id"?: text or number, ...options of that question}, and each line of standard output its answer.
// With `question` the answer is {"id"?, "result": {...}}, or {"id"?, "error": {...}} for any wrong
// line: only errors carry `error`. Without it the question is `forces`, and the answer holds the
// members of the result beside the id, of which `error` (a number) is one. After a wrong line the
// next line is read. The end of the input ends the command.

import { described, didYouMean, joinedPath, listed } from "../../base/wording.js";
import { checkedQuestion, type Device } from "../../device/device.js";
import { forcesOptions } from "../../device/questions/forces.js";
import {
  type ForcesQuestion,
  InputError,
  loadEngine,
  NumericalError,
  parseModelText,
  plain,
  type QuestionName,
} from "../../index.js";
import { errorDocument } from "../../report/error-document.js";
import {
  forcesQuantities,
  motorQuantities,
  pumpQuantities,
  type SiTable,
  simulationQuantities,
  withSi,
} from "../../report/tables/si.js";
import { given, numberOf, openDevice } from "../answer.js";
import type { CommandEntry } from "../command.js";
import { type ModelOptions, textOf } from "../source.js";
import { type Line, linesOf } from "../streams/lines.js";
import { WriteError } from "../streams/output.js";
import { inputPieces, outputStream } from "../streams/streams.js";

/** The description for the command line. */
export const entry: CommandEntry = {
  description: "answers one JSON request per line on standard input: forces, or any question by name",
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
const known = ["question", "at", "reservoirs", "tolerance", "dephasing", "budget", "id"];

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

/** Throws InputError if the id could not be returned. */
function checkId(request: Request): void {
  if (request.id !== undefined && !("id" in idOf(request)))
    throw new InputError("id", "wrong value", {
      expected: `a finite number, or text of at most ${longestId} characters`,
      found: described(request.id),
    });
}

/** The options of a request for `forces` that names no question. */
function forcesRequest(request: Request): ForcesQuestion {
  for (const key of Object.keys(request))
    if (!known.includes(key))
      throw new InputError(joinedPath("", key), "unknown key", {
        expected: `one of ${listed(known)}`,
        found: described(key),
        advice: didYouMean(key, known),
      });
  checkId(request);
  const { id, ...asked } = request;
  return asked as ForcesQuestion;
}

/** Options of the command line that a question knows. */
const shared: Partial<Record<QuestionName, readonly (keyof ForcesQuestion)[]>> = {
  scatter: [],
  scatteringMatrix: [],
  pump: ["tolerance", "budget"],
  linearResponse: ["tolerance", "budget"],
  rectified: ["tolerance", "budget"],
  curvature: ["tolerance", "budget"],
};

/** Quantities of an answer that have an SI unit. */
const quantities: Partial<Record<QuestionName, SiTable>> = {
  pump: pumpQuantities,
  forces: forcesQuantities,
  motor: motorQuantities,
  simulate: simulationQuantities,
};

/** The answer to a request that names its question. */
function answerByName(device: Device, request: Request, usual: ForcesQuestion): object {
  const name = checkedQuestion(request.question);
  checkId(request);
  const { id, question, ...asked } = request;
  const defaults = Object.entries(usual).filter(
    ([key]) => shared[name]?.includes(key as keyof ForcesQuestion) ?? true,
  );
  const result: object = device[name]({ ...Object.fromEntries(defaults), ...asked } as never);
  const table = quantities[name];
  return table ? withSi(result, table, device.model.units) : result;
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
      if (request.question !== undefined)
        return JSON.stringify(plain({ ...id, result: answerByName(device, request, usual) }));
      const result = device.forces({ ...usual, ...forcesRequest(request) });
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
