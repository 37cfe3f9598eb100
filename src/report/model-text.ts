// A model as readable JSON. Short lists stand on one line and long lists fill the width, where
// plain indentation would give one line per number.

const widest = 100;

const isFlat = (value: unknown): boolean => typeof value !== "object" || value === null;

/** Whether a value is a list of numbers, or of short lists of numbers such as triplets. */
const isRow = (value: unknown): boolean => isFlat(value) || (Array.isArray(value) && value.every(isFlat));

/** The document of `JSON.stringify` with other white space. */
export function modelText(value: unknown, indent = ""): string {
  const inner = `${indent}  `;
  if (isFlat(value)) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    if (!value.every(isRow)) {
      return `[\n${value.map((entry) => inner + modelText(entry, inner)).join(",\n")}\n${indent}]`;
    }
    const entries = value.map((entry) =>
      isFlat(entry) ? modelText(entry) : `[${entry.map((number: unknown) => modelText(number)).join(", ")}]`,
    );
    const short = `[${entries.join(", ")}]`;
    if (indent.length + short.length <= widest) return short;
    return `[\n${filled(entries, inner)}\n${indent}]`;
  }
  const members = Object.entries(value as object).filter(([, entry]) => entry !== undefined);
  if (members.length === 0) return "{}";
  const flat = `{ ${members.map(([key, entry]) => `${JSON.stringify(key)}: ${isFlat(entry) ? modelText(entry) : ""}`).join(", ")} }`;
  if (members.every(([, entry]) => isFlat(entry)) && indent.length + flat.length <= widest && indent !== "")
    return flat;
  const lines = members.map(([key, entry]) => `${inner}${JSON.stringify(key)}: ${modelText(entry, inner)}`);
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

/** Entries with commas between them, in lines that fit the width. */
function filled(entries: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = indent;
  entries.forEach((entry, i) => {
    const piece = i + 1 < entries.length ? `${entry},` : entry;
    if (line !== indent && line.length + piece.length + 1 > widest) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? piece : ` ${piece}`;
  });
  return [...lines, line].join("\n");
}
