// Words for error messages: a value as a reader would call it, the nearest known name, a path in the file.

/** Noun phrase for a value: short, on one line, never its whole content. */
export function described(value: unknown): string {
  if (value === undefined || value === null) return value === null ? "null" : "nothing";
  if (typeof value === "string")
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) {
    const short = value.length <= 4 && value.every((x) => typeof x === "number");
    return short ? `[${value.join(", ")}]` : `a list of ${value.length}`;
  }
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Names as a reader would list them: `"a", "b"`; long lists are cut. */
export function listed(names: readonly string[], most = 20): string {
  if (names.length === 0) return "none";
  const shown = names.slice(0, most).map((name) => JSON.stringify(name));
  return shown.join(", ") + (names.length > most ? ` and ${names.length - most} more` : "");
}

/** Optimal-string-alignment distance: insertions, deletions, substitutions and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}

/** The known name a misspelt one most likely means: at most a third of its letters differ, or one is the other's beginning. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length === 0 || name.length > 64) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    if (candidate.length > 64) continue;
    const prefix = name.length > 2 && candidate.startsWith(name);
    const distance = prefix ? 1 : editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** Advice naming the nearest known name, or nothing. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const near = nearestName(name, known);
  return near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
}

/** Path of a key below a path: `device` and `leads` give `device.leads`, an index or an odd key goes in brackets. */
export function joinedPath(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
