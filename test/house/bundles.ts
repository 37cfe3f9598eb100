// What a built file loads with itself: read from its import statements.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "rolldown/parseAst";

/** The specifiers that a built file imports statically. */
export const importsOf = (text: string): string[] =>
  parseAst(text).body.flatMap((node) =>
    "source" in node && node.source ? [node.source.value as string] : [],
  );

/** A built file of a folder and all that it loads statically, with their texts. */
export function loadedWith(folder: string, entry: string): Map<string, string> {
  const found = new Map<string, string>();
  const add = (name: string): void => {
    if (found.has(name)) return;
    const text = readFileSync(join(folder, name), "utf8");
    found.set(name, text);
    for (const one of importsOf(text)) if (one.startsWith("./")) add(one.slice(2));
  };
  add(entry);
  return found;
}
