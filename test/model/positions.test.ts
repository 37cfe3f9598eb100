// Positions of the orbitals: kept as they are, and refused by name where they do not fit.

import { expect, test } from "vitest";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import { variant as at, ofPreset } from "./models.js";
import { type Refusal, testRefusals } from "./refusals.js";

const positions = (value: unknown) => at("device.positions", value);
const plane = [
  [0, 0],
  [1, 0.5],
  [2, -1],
  [3, 7],
];

test("positions in the plane and in space are kept", () => {
  expect(resolveModel(positions(plane)).device.positions).toEqual({
    shape: [4, 2],
    data: Float64Array.from(plane.flat()),
  });
  const space = plane.map((r, i) => [...r, i - 1]);
  expect(resolveModel(positions(space)).device.positions).toEqual({
    shape: [4, 3],
    data: Float64Array.from(space.flat()),
  });
  expect("positions" in resolveModel(positions(undefined)).device).toBe(false);
});

test("positions of a preset's orbitals are kept", () => {
  const device = { orbitals: 1, positions: [[1, 2, 3]] };
  expect(resolveModel(ofPreset("resonant-level", device)).device.positions?.data).toEqual(
    Float64Array.of(1, 2, 3),
  );
});

const refusals: Refusal[] = [
  ["no list", positions({}), "device.positions", /a list/],
  ["too few", positions(plane.slice(1)), "device.positions", /one position per orbital; expected 4, found 3/],
  ["a number", positions([0, 1, 2, 3]), "device.positions[0]", /expected \[x, y\] or \[x, y, z\]/],
  ["four coordinates", positions(plane.map((r) => [...r, 0, 0])), "device.positions[0]", /not a position/],
  ["mixed", positions([...plane.slice(0, 3), [1, 2, 3]]), "device.positions[3]", /2 finite coordinates/],
  ["not a number", positions([...plane.slice(0, 3), [1, Number.NaN]]), "device.positions[3]", /2 finite/],
  ["huge", positions([...plane.slice(0, 3), [1, 1e40]]), "device.positions[3][1]", /too large/],
];
testRefusals(refusals);
