// The builds of the kernels that this engine can run. Node 20 knows relaxed SIMD behind a flag, later ones without it.
import { setFlagsFromString } from "node:v8";
import { type Build, Kernels } from "../../src/engine/kernels.js";

if (Kernels.best(false) !== "relaxed") setFlagsFromString("--experimental-wasm-relaxed-simd");

/** All of them. */
export const builds: Build[] = [
  "simd",
  "scalar",
  ...(Kernels.best(false) === "relaxed" ? ["relaxed" as const] : []),
];

/** For long tests: the relaxed build only among the slow tests. */
export const buildsHere: Build[] = process.env.ALL_BUILDS ? builds : ["simd", "scalar"];
