// The library is an ES module; Node from 20.19 on requires it all the same.
const { loadEngine } = require("nanopinwheel");

if (typeof loadEngine !== "function") throw new Error("the library has no loadEngine");
import("./compute.mjs")
  .then(({ compute }) => compute({ workers: 1 }))
  .then((found) => console.log(JSON.stringify(found)));
