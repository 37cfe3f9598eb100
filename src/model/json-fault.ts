// Where does a text stop being JSON? Engines differ in what they say (some give no place at all), so a small scanner looks itself.
// One pass, a stack instead of recursion; it runs only after JSON.parse has refused the text.

/** First place at which the text cannot be JSON, and what would have been right there. */
export interface JsonFault {
  offset: number;
  expected: string;
  advice?: string;
}

const space = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in a text.
const text = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** What may come next: a value, a value or the end of the list, a key, a key or the end, a colon, a comma or the end. */
type State = "value" | "first element" | "key" | "first key" | "colon" | "after";

const expectations: Record<State, string> = {
  value: "a value",
  "first element": "a value or ]",
  key: "a key in double quotes",
  "first key": "a key in double quotes or }",
  colon: "a colon",
  after: "a comma",
};

export function jsonFault(source: string): JsonFault {
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(source);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const open: ("]" | "}")[] = [];
  let state: State = "value";
  for (;;) {
    skip(space);
    const sign = source[at];
    const closing = open.at(-1);
    const mayClose = state === "after" || state === (closing === "]" ? "first element" : "first key");
    if (mayClose && closing !== undefined && sign === closing) {
      at++;
      open.pop();
      state = "after";
    } else if (state === "after") {
      if (closing === undefined) return { offset: at, expected: "the end of the file" };
      if (sign !== ",")
        return { offset: at, expected: `a comma or ${closing}`, advice: commentAdvice(source, at) };
      at++;
      state = closing === "]" ? "value" : "key";
    } else if (state === "colon") {
      if (sign !== ":") return { offset: at, expected: expectations.colon };
      at++;
      state = "value";
    } else if (state === "key" || state === "first key") {
      if (!skip(text)) return fault(source, at, state);
      state = "colon";
    } else if (sign === "[" || sign === "{") {
      at++;
      open.push(sign === "[" ? "]" : "}");
      state = sign === "[" ? "first element" : "first key";
    } else if (skip(text) || skip(scalar)) {
      state = "after";
    } else {
      return fault(source, at, state);
    }
  }
}

/** A fault where a value or key should begin; a text without its closing quote counts as cut off if it reaches the end. */
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
