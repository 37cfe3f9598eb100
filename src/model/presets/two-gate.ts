// A wire of `sites` orbitals with hopping -1. The gate potentials x and y on two of them move on a
// circle.

import * as v from "valibot";
import { InputError } from "../../base/errors.js";
import { anyNumber } from "../file/fields.js";
import {
  chainHopping,
  chainLeads,
  circle,
  freeRotor,
  type PresetModel,
  reservoirsAbout,
} from "./parts/pieces.js";
import { energy, type OptionsOf, preset, sites } from "./parts/preset.js";

const entries = {
  sites: sites(12),
  gates: v.optional(
    v.pipe(
      v.tuple([
        v.pipe(v.number(), v.integer(), v.minValue(0)),
        v.pipe(v.number(), v.integer(), v.minValue(0)),
      ]),
      v.description("Sites of the two gates, counted from 0"),
    ),
    [3, 8],
  ),
  mean: v.optional(anyNumber("Mean of both gate potentials"), 0.5),
  radius: v.optional(anyNumber("Radius of the circle"), 1.2),
  energy: energy(-0.5),
};

type Options = OptionsOf<typeof entries>;

function model({ sites, gates, mean, radius, energy }: Options): PresetModel {
  gates.forEach((gate, i) => {
    if (gate >= sites) {
      throw new InputError(`device.gates[${i}]`, "no such site", {
        expected: `0 to ${sites - 1}`,
        found: String(gate),
      });
    }
  });
  return {
    format: "nanopinwheel/1",
    title: `Wire of ${sites} sites with gates on ${gates[0]} and ${gates[1]}`,
    device: {
      orbitals: sites,
      hamiltonian: chainHopping(sites),
      parameters: { x: [[gates[0], gates[0], 1]], y: [[gates[1], gates[1], 1]] },
      leads: chainLeads(sites),
    },
    cycle: circle(mean, radius),
    reservoirs: reservoirsAbout(energy),
    rotor: freeRotor(),
  };
}

export default preset({ description: "Wire with two gates driven out of phase on a circle", entries, model });
