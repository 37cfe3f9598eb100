// Words for error messages: a description of a value, the nearest known name, a path in the file. A
// text from a user is shown only in part, and in a form that cannot be taken for anything else.

/**
 * Characters that do not show as themselves: control characters, halves of surrogate pairs, line
 * and paragraph separators, characters that change the direction of writing and other format
 * characters, and the two that XML forbids. The joiners U+200C and U+200D are excluded, because
 * they belong to the spelling of some languages.
 */
const invisible = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]|(?![\u200C\u200D])\p{Cf}/u;
const everyInvisible = new RegExp(invisible, "gu");

/** Whether a text contains a character that does not show as itself. */
export const hasInvisible = (text: string): boolean => invisible.test(text);

const codeUnits = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
  ).join("");

/** The text with each character that does not show as itself written as its code. */
export const visible = (text: string): string => text.replace(everyInvisible, codeUnits);

/** The text on one line, without characters that do not show as themselves. */
export const cleaned = (text: string): string =>
  text
    .replace(/[\t\n\r\u2028\u2029]+/g, " ")
    .replace(everyInvisible, "")
    .trim();

/** The text, cut after `most` characters. */
export const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)}...` : text;

/** The text in quotes, cut if it is long, with invisible characters written as codes. */
const quoted = (text: string, most = 40): string => visible(JSON.stringify(shortened(text, most)));

/**
 * The kind of built-in object: "Object", "Map", "Float64Array", ...; instances of a user's class
 * are "Object" too.
 */
function kindOf(value: object): string {
  try {
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    return /^[\w ]{1,40}$/.test(kind) ? kind : "object of its own kind";
  } catch {
    // The object is a revoked proxy.
    return "unreadable object";
  }
}

/** Whether a value is an object with keys, and not a list, Map or function. */
export function isObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return false;
  const kind = kindOf(value);
  return kind === "Object" || kind === "Module";
}

/** A noun phrase for a value: short, on one line, never its whole content. */
export function described(value: unknown): string {
  if (value === undefined || value === null) return value === null ? "null" : "nothing";
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  const kind = kindOf(value);
  if (kind === "Array") {
    const list = value as unknown[];
    const short = list.length <= 4 && list.every((x) => typeof x === "number");
    return short ? `[${list.join(", ")}]` : `a list of ${list.length}`;
  }
  if (kind === "Object") return "an object";
  return `${/^[AEIOUaeiou]/.test(kind) ? "an" : "a"} ${kind}`;
}

/** A list of names in quotes, `"a", "b"`; long lists are cut. */
export function listed(names: readonly string[], most = 20): string {
  if (names.length === 0) return "none";
  const shown = names.slice(0, most).map((name) => quoted(name));
  return shown.join(", ") + (names.length > most ? ` and ${names.length - most} more` : "");
}

/**
 * Optimal-string-alignment distance, which counts insertions, deletions, substitutions and swaps of
 * neighbours.
 */
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

/**
 * The known name that a misspelt one probably means. At most a third of its letters differ, or one
 * name is the beginning of the other.
 */
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

/** Advice with the nearest known name, if there is one. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const near = nearestName(name, known);
  return near === undefined ? undefined : `Did you mean ${quoted(near, 64)}?`;
}

/**
 * The path of a key below a path: `device` and `leads` give `device.leads`. An index, and a key
 * with unusual characters or of great length, is put in brackets.
 */
export function joinedPath(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (key.length > 64 || !/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)) return `${path}[${quoted(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
