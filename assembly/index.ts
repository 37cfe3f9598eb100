// The exports are the ABI between the kernels and src/engine, and nothing else.
export { zgemm } from "./gemm";
export { zgetrf, zgetrs, zinverse, zsyinverse } from "./dense";
export { dgemm } from "./dgemm";
export { dinverse, dsyinverse } from "./dense-real";
export { zheev } from "./eigen";
export { zheevq } from "./hermitian";
export { zdelay } from "./delay";
export { zeigen } from "./eigenvectors";
export { zschur, zstein } from "./schur";
export { zsurface } from "./leads";
export { zderivatives, zscatter } from "./scatter";
export { dsyinertia, zinertia } from "./inertia";
export { zcurl, ztraces } from "./green";
export { zlorentz } from "./lorentz";
export { zchain } from "./chain";
export { zchainpairs, zpanelsums } from "./chain-pairs";
export { zchaincount, zchainpoint } from "./chain-point";
export { zchaintraces } from "./chain-green";
export { zdots } from "./dots";
export { rotorEnsemble } from "./rotor";
export { rotorWords } from "./threefry";

/** First address after the kernels' own data: where the caller's allocator may begin. */
export function heapBase(): usize {
  return __heap_base;
}
