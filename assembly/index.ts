// These exports are the whole ABI between the kernels and src/engine.
export { zgemm } from "./linear-algebra/gemm";
export { zgetrf, zgetrs, zinverse, zsyinverse } from "./linear-algebra/dense";
export { dgemm } from "./linear-algebra/dgemm";
export { dinverse } from "./linear-algebra/dense-real";
export { dsyinverse, zheinverse } from "./linear-algebra/hermitian-inverse";
export { zheev } from "./linear-algebra/eigen";
export { zheevq } from "./linear-algebra/hermitian";
export { zdelay } from "./device/delay";
export { zeigen } from "./linear-algebra/eigenvectors";
export { zschur, zstein } from "./linear-algebra/schur";
export { zsurface } from "./device/leads";
export { zderivatives, zscatter } from "./device/scatter";
export { dsyinertia, zinertia } from "./device/inertia";
export { zcurl, ztraces } from "./device/green";
export { zlorentz } from "./device/antisymmetric-friction";
export { zchain } from "./chain/chain";
export { zchainpairs, zpanelsums } from "./chain/chain-pairs";
export { zchaincount, zchainpoint } from "./chain/chain-point";
export { zchaintraces } from "./chain/chain-green";
export { zdots } from "./dots/dots";
export { rotorEnsemble } from "./rotor/rotor";
export { rotorWords } from "./rotor/threefry";

/** First address after the kernels' own data, at which the caller's allocator may begin. */
export function heapBase(): usize {
  return __heap_base;
}
