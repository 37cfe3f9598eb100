// Memory for results that are written in full: Node can hand it out without filling it with zeros
// first, which for millions of numbers takes as long as writing them.

interface UnsafeAllocator {
  allocUnsafeSlow(bytes: number): { buffer: ArrayBuffer };
}

/** A Float64Array of its own with any content. */
export function uninitialised(length: number): Float64Array<ArrayBuffer> {
  const { Buffer } = globalThis as { Buffer?: UnsafeAllocator };
  return Buffer ? new Float64Array(Buffer.allocUnsafeSlow(8 * length).buffer) : new Float64Array(length);
}
