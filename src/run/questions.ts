// The questions to a device that may be asked in bulk: methods whose question and answer are plain data.

import { wordOption } from "../model/options.js";

export const questions = ["scatter", "pump", "linearResponse", "forces", "motor", "curvature"] as const;

export type QuestionName = (typeof questions)[number];

const checkQuestion = wordOption(questions, "no such question");

/** The name, if it is one; else InputError. */
export function checkedQuestion(name: unknown): QuestionName {
  checkQuestion(name, "question");
  return name as QuestionName;
}
