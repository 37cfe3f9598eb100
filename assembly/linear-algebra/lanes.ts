// Arithmetic on V, which is one f64 or two f64 in the lanes of a v128. The batched kernels are
// written once and compiled with V = v128 where there is SIMD and with V = f64 elsewhere. Every
// function is one instruction (two where the build has no fused operations). The compiler evaluates
// isVector<V>().

// @ts-ignore: decorator
@inline
export function splat<V>(x: f64): V {
  if (isVector<V>()) return f64x2.splat(x);
  else return <V>x;
}

/** The number at an address in every lane. */
// @ts-ignore: decorator
@inline
export function loadSplat<V>(address: usize): V {
  if (isVector<V>()) return v128.load64_splat(address);
  else return load<V>(address);
}

// @ts-ignore: decorator
@inline
export function add<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.add(a, b);
  else return <V>(a + b);
}

// @ts-ignore: decorator
@inline
export function sub<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.sub(a, b);
  else return <V>(a - b);
}

// @ts-ignore: decorator
@inline
export function mul<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.mul(a, b);
  else return <V>(a * b);
}

/** a b + c, rounded once in the relaxed build if the processor fuses, else twice. */
// @ts-ignore: decorator
@inline
export function multiplyAdd<V>(a: V, b: V, c: V): V {
  if (isVector<V>()) return ASC_FEATURE_RELAXED_SIMD ? f64x2.relaxed_madd(a, b, c) : f64x2.add(c, f64x2.mul(a, b));
  else return <V>(c + a * b);
}

/** c - a b, rounded like multiplyAdd. */
// @ts-ignore: decorator
@inline
export function multiplySubtract<V>(a: V, b: V, c: V): V {
  if (isVector<V>()) return ASC_FEATURE_RELAXED_SIMD ? f64x2.relaxed_nmadd(a, b, c) : f64x2.sub(c, f64x2.mul(a, b));
  else return <V>(c - a * b);
}

// @ts-ignore: decorator
@inline
export function div<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.div(a, b);
  else return <V>(a / b);
}

// @ts-ignore: decorator
@inline
export function neg<V>(a: V): V {
  if (isVector<V>()) return f64x2.neg(a);
  else return <V>(-a);
}

// @ts-ignore: decorator
@inline
export function root<V>(a: V): V {
  if (isVector<V>()) return f64x2.sqrt(a);
  else return <V>Math.sqrt(a);
}

// @ts-ignore: decorator
@inline
export function larger<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.max(a, b);
  else return <V>Math.max(a, b);
}

/** Per lane x if a > b, else y. */
// @ts-ignore: decorator
@inline
export function whereLarger<V>(a: V, b: V, x: V, y: V): V {
  if (isVector<V>()) return v128.bitselect(x, y, f64x2.gt(a, b));
  else return <V>(<f64>a > <f64>b ? x : y);
}

// @ts-ignore: decorator
@inline
export function size<V>(a: V): V {
  if (isVector<V>()) return f64x2.abs(a);
  else return <V>Math.abs(a);
}

/** Per lane 2^-e for |a| = 2^e x 1.xxx, from the exponent bits. */
// @ts-ignore: decorator
@inline
export function inversePower<V>(a: V): V {
  if (isVector<V>())
    return i64x2.sub(i64x2.splat(0x7fe0000000000000), v128.and(a, i64x2.splat(0x7ff0000000000000)));
  else return <V>reinterpret<f64>(0x7fe0000000000000 - (reinterpret<i64>(<f64>a) & 0x7ff0000000000000));
}

/** Per lane 1 if the signs of a and b differ, else 0, as 64-bit integers. */
// @ts-ignore: decorator
@inline
export function signsDiffer<V>(a: V, b: V): V {
  if (isVector<V>()) return i64x2.shr_u(v128.xor(a, b), 63);
  else return <V>reinterpret<f64>((reinterpret<i64>(<f64>a) ^ reinterpret<i64>(<f64>b)) >>> 63);
}

/** Sum of the 64-bit integers in the lanes of a and b. */
// @ts-ignore: decorator
@inline
export function addIntegers<V>(a: V, b: V): V {
  if (isVector<V>()) return i64x2.add(a, b);
  else return <V>reinterpret<f64>(reinterpret<i64>(<f64>a) + reinterpret<i64>(<f64>b));
}

/** Difference of the 64-bit integers in the lanes of a and b. */
// @ts-ignore: decorator
@inline
export function subtractIntegers<V>(a: V, b: V): V {
  if (isVector<V>()) return i64x2.sub(a, b);
  else return <V>reinterpret<f64>(reinterpret<i64>(<f64>a) - reinterpret<i64>(<f64>b));
}

/** The bits that differ. The highest one is the sign bit of the product a b. */
// @ts-ignore: decorator
@inline
export function exclusiveOr<V>(a: V, b: V): V {
  if (isVector<V>()) return v128.xor(a, b);
  else return <V>reinterpret<f64>(reinterpret<i64>(<f64>a) ^ reinterpret<i64>(<f64>b));
}

/** Sum over the lanes. */
// @ts-ignore: decorator
@inline
export function total<V>(a: V): f64 {
  if (isVector<V>()) return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
  else return <f64>a;
}

/** Per lane a if it is at least one, else zero. */
// @ts-ignore: decorator
@inline
export function atLeastOne<V>(a: V): V {
  if (isVector<V>()) return v128.and(a, f64x2.ge(a, f64x2.splat(1)));
  else return <V>(<f64>a >= 1 ? a : 0);
}
