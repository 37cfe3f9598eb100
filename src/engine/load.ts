// Chooses and compiles the kernels: the SIMD build from the text in binaries.ts, so that nothing is
// fetched where there is SIMD; the other builds, which few programs need, from files beside this one;
// or what the caller gives. Workers receive the compiled module and import nothing of this.

import { InputError } from "../base/errors.js";
import { described } from "../base/wording.js";
import { kernelsHash, simdWasm } from "./binaries.js";
import { compiled, fromAddress, inflated, moduleGiven } from "./binary.js";
import { type Build, Kernels } from "./kernels.js";

/** What the caller wants of the kernels. */
export interface KernelChoice {
  reproducible: boolean;
  build?: Build;
  wasm?: unknown;
}

/** Loads the kernels of a build. `limit` is the largest size of their memory in bytes. */
export async function loadKernels(build: Build = Kernels.best(true), limit?: number): Promise<Kernels> {
  return Kernels.start(await ownModule(build), build, limit);
}

/**
 * Loads the kernels that the caller gives or names, else the fastest ones that this host runs. If
 * the file with fused arithmetic cannot be had, these are the reproducible ones.
 */
export async function chosenKernels({ reproducible, build, wasm }: KernelChoice): Promise<Kernels> {
  if (wasm !== undefined) {
    const given = await moduleGiven(wasm, kernelsHash);
    if (build !== undefined && build !== given.build)
      throw new InputError("wasm", "not the build that is asked for", {
        expected: `nanopinwheel.wasm of the build ${described(build)}`,
        found: `the build ${described(given.build)}`,
      });
    return Kernels.start(given.module, given.build);
  }
  if (build !== undefined) return loadKernels(build);
  const best = Kernels.best(reproducible);
  if (best !== "relaxed") return loadKernels(best);
  return loadKernels(best).catch(() => loadKernels(Kernels.best(true)));
}

async function ownModule(build: Build): Promise<WebAssembly.Module> {
  if (build === "simd") return compiled(await inflated(simdWasm));
  // Bundlers recognise exactly this form and copy the files. The build of the package puts them
  // beside the library (scripts/build.mjs).
  const address =
    build === "relaxed"
      ? new URL("../../build/nanopinwheel-relaxed.wasm", import.meta.url)
      : new URL("../../build/nanopinwheel-scalar.wasm", import.meta.url);
  try {
    return await fromAddress(address);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError("build", `the ${build} kernels could not be loaded`, {
      expected: `this package's file nanopinwheel-${build}.wasm at ${address.href}`,
      found: error.found,
      advice: "`wasm` takes its content or its address.",
    });
  }
}
