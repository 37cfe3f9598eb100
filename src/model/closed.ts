// The error of a question to a closed device or engine.

import { InputError } from "../base/errors.js";

export function closedError(what: "device" | "engine"): InputError {
  return new InputError(what, "it is closed", {
    expected: `${what === "device" ? "a device" : "an engine"} that is open`,
    found: "one whose close() was called",
    advice: what === "device" ? "Make another with engine.device(model)." : "Load another with loadEngine().",
  });
}
