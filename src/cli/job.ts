/** What is to be done: a command by name and what its action was given. */
export interface Job {
  command: string;
  file: string | undefined;
  options: Record<string, unknown>;
}

/** What a job comes to: text for standard output, and the exit status. */
export interface Outcome {
  status: number;
  output: string;
}
