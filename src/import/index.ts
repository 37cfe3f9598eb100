// nanopinwheel/import: models from files of other codes.

export { type CrystalOptions, type ImportedModel, wannier90Model } from "./crystal.js";
export { type MatrixMarket, readMatrixMarket } from "./matrix-market.js";
export { readWannier90, type WannierBlock, type WannierHamiltonian } from "./wannier90.js";
