import { compute } from "./compute.mjs";

console.log(JSON.stringify(await compute({ workers: 1 })));
