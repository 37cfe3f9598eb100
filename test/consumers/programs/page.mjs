// The page of a bundled application.
import { compute } from "./compute.mjs";

globalThis.report = compute({ workers: 1 }).catch((error) => ({ failed: String(error) }));
