// The questions to a device that may be asked in bulk: methods whose question and answer are plain data.

import { wordOption } from "../model/options.js";

/** Questions that `engine.map` and the workers answer. */
export const questions = [
  "scatter",
  "pump",
  "linearResponse",
  "forces",
  "motor",
  "curvature",
] as const satisfies readonly QuestionName[];

/** A question that may be asked in bulk (`engine.map`): the name of a method of Device. */
export type QuestionName = "scatter" | "pump" | "linearResponse" | "forces" | "motor" | "curvature";

const checkQuestion = wordOption(questions, "no such question");

/** The name, if it is one; else InputError. */
export function checkedQuestion(name: unknown): QuestionName {
  checkQuestion(name, "question");
  return name as QuestionName;
}
