// A list of questions on its way through the pool.

export interface MapOptions {
  /** Stops the computation: the promise is rejected with the signal's reason, busy workers are replaced. */
  signal?: AbortSignal;
  /** Called as answers come in. */
  progress?: (done: number, total: number) => void;
}

/** A list of questions to one model. */
export interface Job {
  modelId: number;
  model: unknown;
  method: string;
  questions: readonly unknown[];
  results: unknown[];
  /** First question not yet handed out, and after which none is needed any more. */
  next: number;
  end: number;
  done: number;
  /** Milliseconds per question, of the batches so far. */
  pace: number;
  failure?: { index: number; error: Error };
  options: MapOptions;
  resolve: (results: unknown[]) => void;
  reject: (reason: unknown) => void;
}
