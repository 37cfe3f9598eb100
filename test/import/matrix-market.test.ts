// Matrix Market files: the same matrix in every form, and files that are damaged.

import { expect, test } from "vitest";
import { readMatrixMarket } from "../../src/import/index.js";
import { loadEngine } from "../../src/index.js";

const file = (kind: string, ...lines: string[]) =>
  [`%%MatrixMarket matrix ${kind}`, "% a comment", ...lines, ""].join("\n");

test("one matrix in every form", () => {
  const wanted = {
    rows: 2,
    columns: 2,
    elements: [
      [0, 0, 1],
      [0, 1, 2, -3],
      [1, 0, 2, 3],
      [1, 1, -4],
    ],
  };
  expect(
    readMatrixMarket(file("coordinate complex hermitian", "2 2 3", "1 1 1 0", "2 1 2 3", "2 2 -4 0")),
  ).toEqual(wanted);
  expect(
    readMatrixMarket(
      file("coordinate complex general", "2 2 5", "2 1 2 3", "1 2 2 -3", "2 2 -4 0", "1 1 .5 0", "1 1 .5 0"),
    ),
  ).toEqual(wanted);
  expect(readMatrixMarket(file("array complex hermitian", "2 2", "1 0", "2 3", "-4 0"))).toEqual(wanted);
  expect(readMatrixMarket(file("array complex general", "2 2", "1 0", "2 3", "2 -3", "-4 0"))).toEqual(
    wanted,
  );
  expect(readMatrixMarket(file("coordinate real symmetric", "2 2 1", "2 1 7")).elements).toEqual([
    [0, 1, 7],
    [1, 0, 7],
  ]);
  expect(readMatrixMarket(file("array integer skew-symmetric", "2 2", "7")).elements).toEqual([
    [0, 1, -7],
    [1, 0, 7],
  ]);
  expect(readMatrixMarket(file("coordinate complex symmetric", "2 2 1", "2 1 7 1")).elements).toEqual([
    [0, 1, 7, 1],
    [1, 0, 7, 1],
  ]);
  expect(readMatrixMarket(file("array real general", "1 3", "1", "0", "3"))).toEqual({
    rows: 1,
    columns: 3,
    elements: [
      [0, 0, 1],
      [0, 2, 3],
    ],
  });
});

test("the upper triangle is a device's Hamiltonian", async () => {
  const { rows, elements } = readMatrixMarket(file("coordinate complex hermitian", "2 2 1", "2 1 .6 .8"));
  const device = (await loadEngine()).device({
    format: "nanopinwheel/1",
    device: {
      orbitals: rows,
      hamiltonian: elements.filter(([row, column]) => row <= column),
      parameters: {},
      leads: [0, 1].map((orbital) => ({
        name: `${orbital}`,
        kind: "wideband",
        orbitals: [orbital],
        width: 2,
      })),
    },
  });
  // |G|^2 w^2 with G = h / (i^2 - |h|^2) at half widths of 1 and |h| = 1.
  expect(device.scatter({ energy: 0 }).transmission["1"]["0"]).toBeCloseTo(1, 12);
});

test("damage is named by its line", () => {
  const real = "coordinate real general";
  for (const [text, line] of [
    ["", 1],
    [file("coordinate pattern general", "1 1 0"), 1],
    [file(real), 4],
    [file(real, "2 2"), 3],
    [file(real, "2 2 2", "1 1 1"), 6],
    [file(real, "2 2 1", "1 1 x"), 4],
    [file(real, "2 2 1", "3 1 1"), 4],
    [file(real, "2 2 1", "1 1 1", "2 2 1"), 5],
    [file(real, "1e9 2 1", "1 1 1"), 3],
    [file("coordinate complex hermitian", "2 2 1", "1 1 1 1"), 4],
    [file("coordinate complex hermitian", "2 2 1", "1 2 1 1"), 4],
    [file("coordinate complex hermitian", "2 3 1", "1 1 1 0"), 3],
    [file("array real general", "2 1", "1"), 6],
  ] as [string, number][])
    expect(() => readMatrixMarket(text, "m"), text).toThrow(
      expect.objectContaining({ name: "InputError", field: `m line ${line}` }),
    );
});
