// Model files broken at random, from a seed: a value, a key, a list, or the text itself is changed in one to four places.

import { randomSource } from "../twins/random.js";

/** Numbers at which formulas and formats break. */
const oddNumbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  2,
  3,
  1e-3,
  30,
  1e6,
  -1e6,
  1e9,
  1e15,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e100,
  -1e100,
  1e300,
  1.7e308,
  -1.7e308,
  1e-100,
  1e-300,
  5e-324,
  1e-320,
  1e-8,
  1e-15,
  Math.PI,
  -0.1,
  4096,
  4097,
  65537,
  10_000_001,
];
const oddTexts = [
  "",
  " ",
  "NaN",
  "Infinity",
  "0x10",
  "1e999",
  "null",
  "infinite",
  "left",
  "right",
  "x",
  "wideband",
  "probe",
  "chain",
  "given",
  "__proto__",
  "constructor",
  "toString",
  "a=b",
  "a,b",
  "\u0000",
  "\u202e",
  "\ud800",
  "\u001b[2J",
  "é",
  "x".repeat(5000),
];

type Tree = Record<string | number, unknown>;

/** Every place in a value that holds another: the holder and the key. */
function placesIn(value: unknown, found: [holder: Tree, key: string][] = []): [holder: Tree, key: string][] {
  if (typeof value !== "object" || value === null) return found;
  for (const key of Object.keys(value)) {
    found.push([value as Tree, key]);
    placesIn((value as Tree)[key], found);
  }
  return found;
}

const nested = (depth: number): string => `${"[".repeat(depth)}1${"]".repeat(depth)}`;

/** The text of a model with something wrong in it, or not; half of them, or all that should be `gentle`, have other numbers only. */
export function mutated(model: unknown, seed: number, allGentle = false): string {
  const { uniform, between, integer, pick } = randomSource(seed);
  const copy = JSON.parse(JSON.stringify(model)) as Tree;
  const raw: [mark: string, text: string][] = [];
  /** A number of JSON's syntax that no JavaScript value writes. */
  const verbatim = (text: string): string => {
    const mark = `verbatim-${raw.length}`;
    raw.push([JSON.stringify(mark), text]);
    return mark;
  };
  const odd = (): unknown => {
    const kind = integer(0, 10);
    if (kind < 5) return pick(oddNumbers);
    if (kind === 5) return pick(oddTexts);
    if (kind === 6) return pick([null, true, false, [], {}, [[]], [null], { re: 1 }, [1, 2, 3], [[0, 0, 1]]]);
    if (kind === 7)
      return verbatim(pick(["1e999", "-1e999", "1e-999", "-0", "-0.0", "1".repeat(400), "0.1e+1"]));
    if (kind === 8) return verbatim(nested(pick([2, 50, 3000])));
    if (kind === 9) return Array.from({ length: pick([2, 100, 5000]) }, () => pick(oddNumbers));
    return between(-2, 2);
  };
  const places = () => placesIn(copy);
  const replaceNumber = (): void => {
    const numbers = places().filter(([holder, key]) => typeof holder[key] === "number");
    if (numbers.length === 0) return;
    const [holder, key] = pick(numbers);
    const old = holder[key] as number;
    const factors = [-1, 0, 2, 1e-12, 1e-3, 7, 1e12, 1e-200, 1e200, 1 + 1e-12, 1 - 1e-9];
    holder[key] = uniform() < 0.6 ? old * pick(factors) : uniform() < 0.5 ? pick(oddNumbers) : between(-2, 2);
  };
  const change = (): void => {
    const all = places();
    if (all.length === 0) return;
    const [holder, key] = pick(all);
    const old = holder[key];
    const kind = integer(0, 9);
    if (kind < 5) holder[key] = odd();
    else if (kind === 5) delete holder[key];
    else if (kind === 6 && !Array.isArray(holder)) holder[pick(oddTexts)] = old;
    else if (kind === 7 && Array.isArray(holder)) holder.push(old, old);
    else if (kind === 8 && Array.isArray(old)) holder[key] = old.concat(old);
    else holder[key] = String(old);
  };
  const gentle = uniform() < 0.5 || allGentle;
  for (let n = pick([1, 1, 1, 2, 4]); n > 0; n--) (gentle ? replaceNumber : change)();
  let text = JSON.stringify(copy);
  for (const [mark, value] of raw) text = text.replace(mark, () => value);
  // Of the others one in eight is no JSON any more, or says a thing twice.
  if (!gentle && integer(0, 7) === 0) {
    const at = integer(0, text.length);
    text =
      text.slice(0, at) +
      pick(["", ",", "}", '"', "\u0000", "//", '"x":1,', "\uFEFF"]) +
      text.slice(at + pick([0, 1, 7]));
  }
  return text;
}
