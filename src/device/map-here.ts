// Answers many questions to one device in the calling thread, with the interface of the pool: in
// order, with progress, and with pauses in which timers, messages and an abort signal are served.

import { withIndex } from "../base/errors.js";
import type { MapOptions } from "../run/job.js";
import type { Device, QuestionName } from "./device.js";

/** Time between pauses, in milliseconds. */
const PAUSE_AFTER = 20;

/** Answers `device[question]` for all entries of the list, one after the other. */
export async function mapHere(
  device: Device,
  question: QuestionName,
  list: readonly unknown[],
  { signal, progress }: MapOptions = {},
): Promise<unknown[]> {
  const results: unknown[] = [];
  let last = performance.now();
  try {
    for (const one of list) {
      if (signal?.aborted) throw signal.reason;
      results.push(withIndex(results.length, () => device[question](one as never)));
      device.forgetMerges();
      if (performance.now() - last < PAUSE_AFTER) continue;
      progress?.(results.length, list.length);
      await new Promise((resume) => setTimeout(resume));
      last = performance.now();
    }
    if (signal?.aborted) throw signal.reason;
    progress?.(results.length, list.length);
    return results;
  } finally {
    device.close();
  }
}
