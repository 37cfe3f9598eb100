/**
 * Delays `make` until the first call and keeps its result. It is for tables that few programs need,
 * so that importing the package stays fast.
 */
export function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
