// `serve`: one device, many questions. Each line of standard input is a request {"question"?: name,
// "id"?: text or number, ...options of that question}, and each line of standard output its answer.
// With `question` the answer is {"id"?, "result": {...}}, or {"id"?, "error": {...}} for any wrong
// line: only errors carry `error`. Without it the question is `forces`, and the answer holds the
// members of the result beside the id, of which `error` (a number) is one. After a wrong line the
// next line is read. The end of the input ends the command. With --workers several requests are
// computed side by side, and their answers come in the order of the requests.

import { described, didYouMean, joinedPath, listed } from "../../base/wording.js";
import { checkedQuestion, type Device } from "../../device/device.js";
import { forcesOptions } from "../../device/questions/forces.js";
import {
  type Engine,
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
import { given, numberOf, openDevice, workersOf } from "../answer.js";
import type { CommandEntry } from "../command.js";
import { type ModelOptions, modelFile, textOf } from "../source.js";
import { type Line, linesOf } from "../streams/lines.js";
import { WriteError } from "../streams/output.js";
import { inputPieces, outputStream } from "../streams/streams.js";

/** The description for the command line. */
export const entry: CommandEntry = {
  description: "answers one JSON request per line on standard input: forces, or any question by name",
  example: `echo '{"at": {"x": 0.3}}' | nanopinwheel serve --preset two-gate`,
  argument: "model",
  long: true,
  conversation: true,
  options: [
    {
      flags: "--workers <n>",
      description:
        "requests computed side by side, on a thread each; answers keep the order of the requests (default: one request at a time, on all cores)",
    },
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
  workers?: string;
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

/** What a request asks, and how its answer is written. */
interface Asked {
  name: QuestionName;
  options: object;
  answer: (result: object) => object;
}

/** The question of a request. Throws InputError if it is none. */
function askedBy(device: Device, request: Request, usual: ForcesQuestion): Asked {
  const { units } = device.model;
  if (request.question === undefined)
    return {
      name: "forces",
      options: { ...usual, ...forcesRequest(request) },
      answer: (result) => withSi(result, forcesQuantities, units),
    };
  const name = checkedQuestion(request.question);
  checkId(request);
  const { id, question, ...asked } = request;
  const defaults = Object.entries(usual).filter(
    ([key]) => shared[name]?.includes(key as keyof ForcesQuestion) ?? true,
  );
  const table = quantities[name];
  return {
    name,
    options: { ...Object.fromEntries(defaults), ...asked },
    answer: (result) => ({ result: table ? withSi(result, table, units) : result }),
  };
}

/** The engine whose workers compute requests side by side, if more than one was asked for. */
async function engineFor(workers: string | undefined): Promise<Engine | undefined> {
  const count = workersOf(workers);
  return workers === undefined || count < 2 ? undefined : loadEngine({ workers: count });
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

  const engine = await engineFor(options.workers);
  const sent = modelFile(model, options);

  const compute = async ({ name, options }: Asked): Promise<object> =>
    engine ? (await engine.map(sent, name, [options as never]))[0] : device[name](options as never);

  const answer = async (line: Line): Promise<string> => {
    let id = {};
    try {
      const request = requestOn(line);
      id = idOf(request);
      const asked = askedBy(device, request, usual);
      return JSON.stringify(plain({ ...id, ...asked.answer(await compute(asked)) }));
    } catch (error) {
      // After a defect the state of the kernels' memory is unknown, and the next request gets new
      // kernels. The pool replaces a lost worker itself.
      if (!engine && !(error instanceof InputError || error instanceof NumericalError))
        device = (await loadEngine()).device(model);
      return JSON.stringify({ ...id, ...errorDocument(error) });
    }
  };
  try {
    await writeInOrder(answer, engine ? 4 * engine.workers : 1);
  } finally {
    await engine?.close();
  }
}

/**
 * Answers the requests of standard input in their order. At most `most` of them are read and not yet
 * written, so that a reader that is slow, or a long question, holds up the input and not the memory.
 */
async function writeInOrder(answer: (line: Line) => Promise<string>, most: number): Promise<void> {
  const output = outputStream();
  // The callback of a write reports its failure.
  output.on("error", () => undefined);
  let failure: NodeJS.ErrnoException | null | undefined;
  const waiting: Promise<void>[] = [];
  let last = Promise.resolve();
  const written = async (text: Promise<string>, before: Promise<void>): Promise<void> => {
    const line = `${await text}\n`;
    await before;
    failure ??= await new Promise<Error | null | undefined>((resolve) => {
      output.write(line, resolve);
    });
  };
  for await (const line of linesOf(inputPieces(), longestRequest)) {
    if (isBlank(line)) continue;
    last = written(answer(line), last);
    waiting.push(last);
    if (waiting.length >= most) await waiting.shift();
    if (failure) break;
  }
  await last;
  // A closed reader is no error, as for other programs.
  if (failure && failure.code !== "EPIPE") throw new WriteError("standard output", failure);
}
