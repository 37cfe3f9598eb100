/** A job: a command by name, with the arguments of its action. */
export interface Job {
  command: string;
  file: string | undefined;
  options: Record<string, unknown>;
}

/** The outcome of a job: text for standard output, and the exit status. */
export interface Outcome {
  status: number;
  output: string;
}
