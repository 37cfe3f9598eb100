// Refusals of presets and their options; the model all refusals vary is right.

import { expect, test } from "vitest";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import { ofPreset, smallModel } from "./models.js";
import { type Refusal, testRefusals } from "./refusals.js";

const presets: Refusal[] = [
  [
    "an unknown preset",
    ofPreset("thoules"),
    "device.preset",
    /"thouless".*found "thoules".*Did you mean "thouless"\?/,
  ],
  ["a preset as number", ofPreset(3 as never), "device.preset", /found 3/],
  [
    "an unknown option",
    ofPreset("thouless", { site: 3 }),
    "device.site",
    /unknown key.*Did you mean "sites"\?/,
  ],
  [
    "an option of a wrong type",
    ofPreset("thouless", { sites: "64" }),
    "device.sites",
    /finite number, found "64"/,
  ],
  [
    "absurdly many sites",
    ofPreset("thouless", { sites: 1e12 }),
    "device.sites",
    /<= 1000000, found 1000000000000/,
  ],
  ["NaN as option", ofPreset("double-dot", { level: Number.NaN }), "device.level", /found NaN/],
  [
    "a wavelength whose inverse overflows",
    ofPreset("thouless", { wavelength: 5e-324, energy: 0 }),
    "device",
    /these options of the preset thouless exceed the range of numbers; expected options that give finite matrix elements/,
  ],
  ["wavelength 0", ofPreset("thouless", { wavelength: 0 }), "device.wavelength", /> 0, found 0/],
  [
    "no energy for a broken wavelength",
    ofPreset("thouless", { wavelength: 4.5 }),
    "device.energy",
    /wavelength 4.5 is no whole number/,
  ],
  [
    "no energy for a short wavelength",
    ofPreset("thouless", { wavelength: 2 }),
    "device.energy",
    /3 to 4096 sites/,
  ],
  ["no energy without a gap", ofPreset("thouless", { amplitude: 0 }), "device.energy", /opens no gap/],
  ["ramps that overlap", ofPreset("thouless", { ramp: 9 }), "device.ramp", /at most 8 for 16 sites, found 9/],
  [
    "a gate outside",
    ofPreset("two-gate", { gates: [3, 12] }),
    "device.gates[1]",
    /no such site; expected 0 to 11, found 12/,
  ],
  ["one gate", ofPreset("two-gate", { gates: [3] }), "device.gates[1]", /missing/],
  [
    "too many channels",
    ofPreset("chaotic-dot", { channels: 40 }),
    "device.channels",
    /at most 32 for size 64/,
  ],
  [
    "an unknown ensemble",
    ofPreset("chaotic-dot", { symmetry: "unitry" }),
    "device.symmetry",
    /"orthogonal" or "unitary".*"unitary"\?/,
  ],
  [
    "unknown contacts",
    ofPreset("benzene", { contacts: "ortho" }),
    "device.contacts",
    /"para" or "meta", found "ortho"/,
  ],
  [
    "names in place of matrices",
    ofPreset("wheel", { hamiltonian: [] }),
    "device.parameters",
    /a list of names needs/,
  ],
];

testRefusals(presets);

test("the model these cases vary is right", () => {
  expect(() => resolveModel(smallModel())).not.toThrow();
});
