// The lattice Thouless motor:
// H = -sum (c+_n c_n+1 + h.c.) + sum_{n=1..N} g_n V0 cos(2 pi n/lambda + theta) with chain leads. x
// carries the cosine and y the sine of theta; g_n switches the potential on over `ramp` sites at
// either end. Source: D. Thouless, Phys. Rev. B 27, 6083 (1983).

import * as v from "valibot";
import { InputError } from "../../base/errors.js";
import { anyNumber, positive, wholeNumber } from "../file/fields.js";
import { lowestGap } from "./parts/bloch-gap.js";
import {
  chainHopping,
  chainLeads,
  circle,
  diagonal,
  freeRotor,
  type PresetModel,
  reservoirsAbout,
} from "./parts/pieces.js";
import { mostSites, type OptionsOf, preset, sites } from "./parts/preset.js";

const entries = {
  sites: sites(16),
  wavelength: v.optional(positive("Wavelength of the potential in sites"), 4),
  amplitude: v.optional(anyNumber("Amplitude V0 of the potential"), 0.4),
  ramp: v.optional(wholeNumber(0, mostSites, "Sites over which either end is switched on smoothly"), 0),
  energy: v.optional(anyNumber("Mean chemical potential; default: centre of the lowest gap")),
};

type Options = OptionsOf<typeof entries>;

/**
 * The envelope g_n: sin^2(pi k/(2(ramp+1))) on the k-th site from either end for k = 1..ramp, and 1
 * between.
 */
function envelope(sites: number, ramp: number): number[] {
  return Array.from({ length: sites }, (_, n) => {
    const k = Math.min(n + 1, sites - n);
    return k > ramp ? 1 : Math.sin((Math.PI * k) / (2 * (ramp + 1))) ** 2;
  });
}

/**
 * Centre of the lowest gap of the infinite potential at theta = 0. Throws InputError if there is no
 * such gap.
 */
function gapCentre({ wavelength, amplitude }: Options): number {
  const needed = (why: string) =>
    new InputError("device.energy", `no default: ${why}`, { expected: "a finite number", found: "nothing" });
  if (!Number.isInteger(wavelength)) throw needed(`wavelength ${wavelength} is no whole number of sites`);
  if (wavelength < 3 || wavelength > 4096) throw needed("only wavelengths of 3 to 4096 sites have one");
  const cell = Array.from(
    { length: wavelength },
    (_, n) => amplitude * Math.cos((2 * Math.PI * (n + 1)) / wavelength),
  );
  const [lower, upper] = lowestGap(cell);
  if (upper - lower < 1e-9) throw needed("this potential opens no gap above its lowest band");
  return (lower + upper) / 2;
}

function model(options: Options): PresetModel {
  const { sites, wavelength, amplitude, ramp } = options;
  if (2 * ramp > sites) {
    throw new InputError("device.ramp", "the ramps overlap", {
      expected: `at most ${Math.floor(sites / 2)} for ${sites} sites`,
      found: String(ramp),
    });
  }
  const heights = envelope(sites, ramp).map((g) => g * amplitude);
  const phase = (n: number) => (2 * Math.PI * (n + 1)) / wavelength;
  return {
    format: "nanopinwheel/1",
    title: `Thouless motor, ${sites} sites, wavelength ${wavelength}`,
    device: {
      orbitals: sites,
      hamiltonian: chainHopping(sites),
      parameters: {
        x: diagonal(heights.map((height, n) => height * Math.cos(phase(n)))),
        y: diagonal(heights.map((height, n) => -height * Math.sin(phase(n)))),
      },
      leads: chainLeads(sites),
    },
    cycle: circle(0, 1),
    reservoirs: reservoirsAbout(options.energy ?? gapCentre(options)),
    rotor: freeRotor(),
  };
}

export default preset({
  description: "Lattice Thouless motor: a sliding cosine potential on a chain; quantised pump in its gap",
  entries,
  model,
});
