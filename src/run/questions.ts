// The questions to a device that may be asked in bulk: methods whose question and answer are plain data.

export const questions = ["scatter", "pump", "linearResponse", "forces", "motor", "curvature"] as const;

export type QuestionName = (typeof questions)[number];

export function isQuestion(name: string): name is QuestionName {
  return (questions as readonly string[]).includes(name);
}
