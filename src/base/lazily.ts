/**
 * What `make` returns, made at the first call: tables that few programs ask for, kept out of the
 * time an import takes.
 */
export function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
