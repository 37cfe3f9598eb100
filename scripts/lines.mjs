// Breaks the lines of minified code. A program that does not catch an error has Node print the line
// of the `throw`, and a line of 400 kB would bury the message.
import { decode, encode } from "@jridgewell/sourcemap-codec";
import { parseAst } from "rolldown/parseAst";

/** A line is broken at the last possible place before this length, if there is one. */
const width = 160;

/** Members of nodes that are lists, each of which may begin on a line of its own. */
const lists = ["body", "consequent", "declarations", "expressions", "properties", "elements", "arguments"];

/**
 * Places where a line may begin: the members of lists of statements, and of lists with commas from the
 * second on. None follows a word such as `return`, after which a new line ends the statement.
 */
function places(code) {
  const found = [];
  const visit = (node) => {
    for (const [key, value] of Object.entries(node)) {
      if (value === null || typeof value !== "object") continue;
      if (lists.includes(key) && Array.isArray(value) && node.type !== "TemplateLiteral")
        for (const member of value) if (member) found.push(member.start);
      for (const child of Array.isArray(value) ? value : [value])
        if (child && typeof child === "object") visit(child);
    }
  };
  visit(parseAst(code));
  return found.filter((place) => /[,;{}]/.test(code[place - 1] ?? "")).sort((a, b) => a - b);
}

/** Code with shorter lines, and its source map if it has one. */
export function brokenLines(code, map) {
  const breaks = [];
  let start = 0;
  let last = 0;
  for (const place of [...places(code), code.length]) {
    const line = code.lastIndexOf("\n", place - 1) + 1;
    if (line > start) {
      start = line;
      last = 0;
    }
    if (place - start > width && last > start) {
      breaks.push(last);
      start = last;
    }
    if (place - start > width && place < code.length) {
      breaks.push(place);
      start = place;
    }
    last = place;
  }
  const parts = [0, ...breaks].map((place, k) => code.slice(place, breaks[k] ?? code.length));
  return { code: parts.join("\n"), map: map && { ...map, mappings: moved(code, map.mappings, breaks) } };
}

/** The mappings with the new lines in them. */
function moved(code, mappings, breaks) {
  const lines = [];
  let next = 0;
  let start = 0;
  const old = decode(mappings);
  for (const [k, text] of code.split("\n").entries()) {
    const cuts = [0];
    for (; breaks[next] < start + text.length; next++) cuts.push(breaks[next] - start);
    const pieces = cuts.map(() => []);
    let piece = 0;
    for (const [column, ...source] of old[k] ?? []) {
      while (cuts[piece + 1] <= column) piece++;
      pieces[piece].push([column - cuts[piece], ...source]);
    }
    lines.push(...pieces);
    start += text.length + 1;
  }
  return encode(lines);
}
