// Memory for results that will be written completely. Node can provide it without filling it with
// zeros first, which for millions of numbers would take as long as writing them.

interface UnsafeAllocator {
  allocUnsafeSlow(bytes: number): { buffer: ArrayBuffer };
}

/** A Float64Array with its own buffer and arbitrary content. */
export function uninitialised(length: number): Float64Array<ArrayBuffer> {
  const { Buffer } = globalThis as { Buffer?: UnsafeAllocator };
  return Buffer ? new Float64Array(Buffer.allocUnsafeSlow(8 * length).buffer) : new Float64Array(length);
}
