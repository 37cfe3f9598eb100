// Finds the place where a text stops being JSON. JavaScript engines differ in what they say about
// it, and some give no place at all. The scanner makes one pass, character by character, because
// regular expressions and recursion have stacks that a long text overflows. It runs only after
// JSON.parse has refused the text.

/** First place at which the text cannot be JSON, and a description of what is valid there. */
export interface JsonFault {
  offset: number;
  /** A description of what is valid; undefined if the text should have ended here. */
  expected: string | undefined;
  advice?: string;
}

/** Index of the first character from `at` on that is not white space. */
function afterSpace(source: string, at: number): number {
  while (at < source.length && " \t\n\r".includes(source[at])) at++;
  return at;
}

/** End of the quoted text that begins at `at`; undefined if there is none. */
function endOfText(source: string, at: number): number | undefined {
  if (source[at] !== '"') return undefined;
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === '"') return i + 1;
    if (source[i] < " ") return undefined;
    if (source[i] !== "\\") continue;
    i++;
    if (source[i] === "u" && /^[0-9a-fA-F]{4}$/.test(source.slice(i + 1, i + 5))) i += 4;
    else if (i >= source.length || !'"\\/bfnrt'.includes(source[i])) return undefined;
  }
  return undefined;
}

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const isWordPart = /[\w.+-]/;

/** End of the number, true, false or null that begins at `at`; undefined if there is none. */
function endOfScalar(source: string, at: number): number | undefined {
  let end = at;
  while (end < source.length && isWordPart.test(source[end])) end++;
  const word = source.slice(at, end);
  return number.test(word) || word === "true" || word === "false" || word === "null" ? end : undefined;
}

/**
 * What may come next: a value; a value or the end of the list; a key; a key or the end; a colon; a
 * comma or the end.
 */
type State = "value" | "first element" | "key" | "first key" | "colon" | "after";

const expectations: Record<State, string> = {
  value: "a value",
  "first element": "a value or ]",
  key: "a key in double quotes",
  "first key": "a key in double quotes or }",
  colon: "a colon",
  after: "a comma",
};

/** The first fault of a text that is not JSON. */
export function jsonFault(source: string): JsonFault {
  let at = 0;
  /** Moves to `end`, if there is one. */
  const skipTo = (end: number | undefined): boolean => {
    at = end ?? at;
    return end !== undefined;
  };
  const open: ("]" | "}")[] = [];
  let state: State = "value";
  for (;;) {
    at = afterSpace(source, at);
    const sign = source[at];
    const closing = open.at(-1);
    const mayClose = state === "after" || state === (closing === "]" ? "first element" : "first key");
    if (mayClose && closing !== undefined && sign === closing) {
      at++;
      open.pop();
      state = "after";
    } else if (state === "after") {
      if (closing === undefined) return { offset: at, expected: undefined };
      if (sign !== ",")
        return { offset: at, expected: `a comma or ${closing}`, advice: commentAdvice(source, at) };
      at++;
      state = closing === "]" ? "value" : "key";
    } else if (state === "colon") {
      if (sign !== ":") return { offset: at, expected: expectations.colon };
      at++;
      state = "value";
    } else if (state === "key" || state === "first key") {
      if (!skipTo(endOfText(source, at))) return fault(source, at, state);
      state = "colon";
    } else if (sign === "[" || sign === "{") {
      at++;
      open.push(sign === "[" ? "]" : "}");
      state = sign === "[" ? "first element" : "first key";
    } else if (skipTo(endOfText(source, at) ?? endOfScalar(source, at))) {
      state = "after";
    } else {
      return fault(source, at, state);
    }
  }
}

/**
 * The fault of a place where a value or key should begin. A text without its closing quote counts
 * as truncated if it reaches the end.
 */
function fault(source: string, at: number, state: State): JsonFault {
  if (source[at] === '"' && !/[\n"]/.test(source.slice(at + 1))) {
    return { offset: source.length, expected: "the closing double quote" };
  }
  const trailing = (state === "value" || state === "key") && (source[at] === "]" || source[at] === "}");
  const advice = trailing ? "Remove the comma before it." : commentAdvice(source, at);
  return { offset: at, expected: expectations[state], advice };
}

const commentAdvice = (source: string, at: number): string | undefined =>
  source[at] === "/" ? "JSON has no comments: remove it." : undefined;
