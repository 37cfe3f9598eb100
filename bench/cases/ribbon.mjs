// S of a disordered ribbon between two clean ones, without derivatives or with those by four gates
// that cover it.
import { ribbonScatter } from "../contenders/ribbon.js";
import { lengthwiseGates, ribbonModel, ribbonOnsite } from "../models.mjs";

const ENERGY = 1.1;

/**
 * Square root of the sum of |element|^2 of interleaved or planar data, which does not depend on the
 * order of the modes.
 */
const norm = (...parts) =>
  Math.sqrt(parts.reduce((sum, part) => sum + part.reduce((s, x) => s + x * x, 0), 0));

/**
 * `flux` is that of a magnetic field in the device, per plaquette. The plain JavaScript contender
 * knows only real ribbons.
 */
export function ribbon(width, length, derivatives, targets, flux = 0) {
  const count = derivatives ? 4 : 0;
  const gates = lengthwiseGates(width, length, count);
  return {
    name: `${flux ? "field" : "ribbon"}-${width}x${length}${derivatives ? "" : "-S"}`,
    title: `ribbon ${width} x ${length}${flux ? " in a magnetic field" : ""}: S${derivatives ? " and 4 derivatives" : " alone"}`,
    targets,
    tolerance: 1e-8,
    contenders: (engine) => {
      const device = engine.device(ribbonModel(width, length, gates, flux));
      const ours = () => {
        if (!derivatives) return [device.scatteringMatrix({ energy: ENERGY }).transmission.left.right];
        const { transmission, dS } = device.scatter({ energy: ENERGY });
        return [transmission.left.right, ...Object.values(dS).map(({ data }) => norm(data))];
      };
      if (flux) return { nanopinwheel: ours };
      const scatter = ribbonScatter({ width, length, onsite: ribbonOnsite(width, length), gates });
      return {
        nanopinwheel: ours,
        "plain JavaScript": () => {
          const { channels, S, dS } = scatter(ENERGY);
          const m = channels / 2;
          let T = 0;
          for (let i = 0; i < m; i++)
            for (let j = m; j < channels; j++) T += S.re[i * channels + j] ** 2 + S.im[i * channels + j] ** 2;
          return [T, ...dS.map(({ re, im }) => norm(re, im))];
        },
      };
    },
    peers: {
      "numpy block LU": { task: "ribbon", width, length, gates: count, energy: ENERGY, flux },
      Kwant: { task: "kwant-ribbon", width, length, gates: count, energy: ENERGY, flux },
    },
  };
}
