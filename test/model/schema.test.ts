// The JSON Schema for editors: leads told apart by kind, presets by name, a description on every field, no functions.

import { expect, test } from "vitest";
import { modelJsonSchema } from "../../src/model/file/json-schema.js";
import { presets } from "../../src/model/presets/all.js";

type Node = { [key: string]: Node } & {
  properties?: Record<string, Node>;
  anyOf?: Node[];
  oneOf?: Node[];
  const?: string;
  description?: string;
};
const schema = modelJsonSchema() as unknown as Node;
const device = schema.properties?.device as Node;

test("leads by kind, presets by name", () => {
  const kinds = schema.$defs.lead.oneOf?.map((lead) => lead.properties?.kind.const);
  expect(kinds).toEqual(["wideband", "probe", "chain", "periodic", "self-energy"]);
  const names = device.anyOf?.[1].oneOf?.map((preset) => preset.properties?.preset.const);
  expect(names).toEqual(Object.keys(presets));
});

test("every field of every object is described", () => {
  const undescribed: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [name, field] of Object.entries((node as Node).properties ?? {})) {
      if (field.description === undefined) undescribed.push(`${path}.${name}`);
    }
    for (const [key, child] of Object.entries(node)) visit(child, `${path}.${key}`);
  };
  visit(schema, "");
  expect(undescribed).toEqual([]);
});

test("unknown keys are refused, functions are left out, defaults are told", () => {
  expect(schema.additionalProperties).toBe(false);
  expect(JSON.stringify(schema)).not.toContain("derivative");
  const thouless = device.anyOf?.[1].oneOf?.find(({ properties }) => properties?.preset.const === "thouless");
  expect(thouless?.properties?.sites).toMatchObject({ type: "integer", default: 16 });
});
