// Turns the places of a stack trace from the minified package into those of the sources: reads a
// trace on standard input, and the source maps that the build of the same version has written to
// build/maps.
import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const maps = join(dirname(fileURLToPath(import.meta.url)), "../build/maps");
const cache = new Map();

function mapOf(file) {
  const path = join(maps, `${file}.map`);
  if (!cache.has(file))
    cache.set(file, existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, "utf8"))) : undefined);
  return cache.get(file);
}

const trace = readFileSync(0, "utf8");
process.stdout.write(
  trace.replaceAll(/[^\s("']*?([\w-]+\.js)(?:\?[^:\s]*)?:(\d+):(\d+)/g, (place, file, line, column) => {
    const { originalSource, originalLine, originalColumn } =
      mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1) ?? {};
    if (originalSource === undefined) return place;
    return `${originalSource.replace(/^(\.\.\/)+/, "")}:${originalLine + 1}:${originalColumn + 1}`;
  }),
);
