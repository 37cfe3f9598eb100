// A device that is known by its S alone, with two leads of one channel and a rotor's angle.

import type { GivenDevice, Model } from "../../src/model/types.js";

export const givenRotor = (scattering: GivenDevice["scattering"]): Model => ({
  format: "nanopinwheel/1",
  device: {
    scattering,
    parameters: ["theta"],
    leads: ["left", "right"].map((name) => ({ name, kind: "given" as const, channels: 1 })),
  },
  cycle: { theta: { turns: 1 } },
});
