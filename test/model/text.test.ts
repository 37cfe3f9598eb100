// Text to data: where JSON breaks, assignments of `--at`, settings of `--set`.

import { expect, test } from "vitest";
import { parseAssignments, parseModelText, parseSettings } from "../../src/model/file/text.js";

const faults: [text: string, message: RegExp][] = [
  ["", /^m\.json: the file is empty; expected a model in JSON, found nothing\./],
  [" \n", /the file is empty/],
  ['{"a": 1', /truncated at line 1, column 8; expected a comma or \}, found the end of the file/],
  ['{"a": [1,\n', /truncated at line 2, column 1; expected a value/],
  ['{"a": "tex', /truncated at line 1, column 11; expected the closing double quote/],
  ['{"a":', /truncated.*expected a value/],
  ["{", /truncated.*expected a key in double quotes or \}/],
  [
    '{"a": 1,\n  "b": 2,\n}',
    /not JSON at line 3, column 1; expected a key in double quotes, found "\}"\. Remove the comma/,
  ],
  ["[1, 2,]", /line 1, column 7; expected a value.*Remove the comma/],
  ['{"a": 1 "b": 2}', /line 1, column 9; expected a comma or \}/],
  ["{a: 1}", /line 1, column 2; expected a key in double quotes or \}, found "a: 1\}"/],
  ['{"a" 1}', /expected a colon/],
  ['{"a": 1} // end', /line 1, column 10; expected the end of the file/],
  ['{\n  // note\n  "a": 1}', /line 2, column 3; .*JSON has no comments/],
  ['{"a": 01}', /line 1, column 7; expected a value/],
  ['{"a": NaN}', /line 1, column 7; expected a value, found "NaN\}"/],
  ['{"a": tru}', /expected a value, found "tru\}"/],
  ["]", /expected a value, found "\]"/],
  ['{"a": [1}', /expected a comma or \]/],
  ['{"a": "x\ny"}', /expected a value/],
];

test.each(faults)("fault in %j", (text, message) => {
  expect(() => parseModelText(text, "m.json")).toThrow(message);
});

test("right JSON passes, with or without a byte order mark", () => {
  expect(parseModelText('\uFEFF{"a": [1, {}, []]}', "m.json")).toEqual({ a: [1, {}, []] });
});

test("faults in long texts: no stack overflows", () => {
  const n = 3_000_000;
  const long: [text: string, message: RegExp][] = [
    [`{"a": "${"b\\n".repeat(n)}" 1}`, /column 9000010; expected a comma or \}/],
    [
      `{"a": "${"b".repeat(4 * n)}`,
      /truncated at line 1, column 12000008; expected the closing double quote/,
    ],
    [`{"a": ${"1".repeat(4 * n)}x}`, /column 7; expected a value/],
    [`${"\n".repeat(n)}x`, /line 3000001, column 1; expected a value/],
    [`${" ".repeat(4 * n)}x`, /column 12000001/],
  ];
  for (const [text, message] of long) expect(() => parseModelText(text, "m.json")).toThrow(message);
});

test("a name of the source that a terminal would obey is shown by its codes", () => {
  expect(() => parseModelText("", "\u001b[2J.json")).toThrow(/^\\u001b\[2J\.json: the file is empty/);
});

test("deep nesting is no obstacle to naming the fault", () => {
  expect(() => parseModelText("[".repeat(100_000), "m.json")).toThrow(/truncated at line 1, column 100001/);
});

test("assignments", () => {
  expect(parseAssignments("x=0.3, y = -4e-1", ["x", "y"], "--at")).toEqual({ x: 0.3, y: -0.4 });
  expect(parseAssignments(" ", ["x"], "--at")).toEqual({});
});

test.each([
  ["x", /^--at: not an assignment; expected name=value, .*Parameters: "x", "y"\./],
  ["x=1=2", /not an assignment/],
  ["=1", /not an assignment/],
  ["x=1,", /not an assignment; .*found ""/],
  ["z=1", /^--at\.z: unknown parameter; expected one of "x", "y"/],
  ["x=1,x=2", /^--at\.x: given twice/],
  ["x=", /^--at\.x: wrong value; expected a finite number, found ""/],
  ["x=1,5", /not an assignment; .*found "5"/],
  ["x=0x10", /found "0x10"/],
  ["x=1e999", /found "1e999"/],
  ["x=nan", /found "nan"/],
])("assignment %j", (text, message) => {
  expect(() => parseAssignments(text, ["x", "y"], "--at")).toThrow(message);
});

test("a number of a million digits is refused as soon as it is read", () => {
  // With a quadratic expression this would take hours.
  const digits = "1".repeat(1_000_000);
  for (const value of [
    digits,
    `${digits}z`,
    `.${digits}.`,
    `1.${digits}e`,
    `1e${digits}`,
    `${digits}.${digits}x`,
  ])
    expect(() => parseAssignments(`x=${value}`, ["x"], "--at")).toThrow(
      /^--at\.x: wrong value; expected a finite number, found ".{40}\.\.\."\.$/,
    );
});

test("settings are JSON where they are JSON", () => {
  expect(parseSettings(["sites=64", "contacts=meta", "gates=[1,5]", "title=a=b"])).toEqual({
    sites: 64,
    contacts: "meta",
    gates: [1, 5],
    title: "a=b",
  });
  expect(() => parseSettings(["sites"])).toThrow(/^--set: not a setting; expected key=value, found "sites"/);
});
