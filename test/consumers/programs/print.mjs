import { loadEngine } from "nanopinwheel";
import { compute } from "./compute.mjs";

// The kernels of a file: by the address that the host gives, and beside the library.
const wasm = import.meta.resolve("nanopinwheel/nanopinwheel-scalar.wasm");
const engines = [await loadEngine({ wasm }), await loadEngine({ build: "scalar" })];
const read = engines.map(({ build }) => build);
console.log(JSON.stringify({ ...(await compute({ workers: 1 })), read }));
