// What a test reads of warnings where the wording itself is tested; verdicts go by codes.

import type { Warning } from "../../src/index.js";

export const textOf = (warnings: readonly Warning[]): string => warnings.map(({ text }) => text).join("; ");
