// Transmission against energy at rest, for a device without a cycle. The range contains the
// spectrum of the device (Gershgorin's discs and the leads' widths), as far as the leads have open
// channels.

import { type Device, NumericalError } from "../../index.js";
import type { FigureData } from "../figures/index.js";
import { significant, small } from "../tables/numbers.js";

/** Transmissions on a grid of energies. */
export interface Spectrum {
  energy: Float64Array;
  /** transmission[to][from], by lead, one value per energy. */
  transmission: Record<string, Record<string, Float64Array>>;
  /** Number of energies left out because of a bound state. */
  skipped: number;
}

const points = 401;

/**
 * Lowest and highest energy of interest; undefined without a Hamiltonian (a device given by its S).
 */
export function spectralRange({ model }: Device): [low: number, high: number] | undefined {
  const { orbitals, hamiltonian, leads } = model.device;
  const centre = new Float64Array(orbitals);
  const radius = new Float64Array(orbitals);
  hamiltonian.rows.forEach((row, k) => {
    const column = hamiltonian.columns[k];
    if (row === column) centre[row] = hamiltonian.re[k];
    else {
      const size = Math.hypot(hamiltonian.re[k], hamiltonian.im[k]);
      radius[row] += size;
      radius[column] += size;
    }
  });
  let broadening = 0;
  let [bottom, top] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const lead of leads) {
    if (lead.kind === "chain") {
      bottom = Math.min(bottom, lead.onsite - 2 * Math.abs(lead.hopping));
      top = Math.max(top, lead.onsite + 2 * Math.abs(lead.hopping));
    } else {
      [bottom, top] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
      if (!("width" in lead)) continue;
      for (let i = 0; i < lead.orbitals.length; i++)
        broadening = Math.max(broadening, lead.width.data[2 * i * (lead.orbitals.length + 1)]);
    }
  }
  const low = Math.min(...centre.map((c, i) => c - radius[i]));
  const high = Math.max(...centre.map((c, i) => c + radius[i]));
  const room = 2 * broadening + 0.05 * (high - low);
  const range: [number, number] = [Math.max(low - room, bottom), Math.min(high + room, top)];
  // If all levels of the device lie outside the bands, the bands are shown.
  const shown: [number, number] = range[0] < range[1] ? range : [bottom, top];
  return shown.every(Number.isFinite) ? shown : undefined;
}

/** All transmissions at X = 0. */
export function spectrumOf(device: Device): Spectrum | undefined {
  const range = spectralRange(device);
  if (range === undefined) return undefined;
  const [low, high] = range;
  const energies: number[] = [];
  const names = device.leadNames;
  const columns = names.flatMap((to) =>
    names.filter((from) => from !== to).map((from) => ({ to, from, values: [] as number[] })),
  );
  let skipped = 0;
  for (let i = 0; i < points; i++) {
    // The energies keep half a step away from the ends, where bands open.
    const energy = low + ((i + 0.5) * (high - low)) / points;
    try {
      const { transmission } = device.scatter({ energy });
      energies.push(energy);
      for (const { to, from, values } of columns) values.push(transmission[to][from]);
    } catch (error) {
      if (!(error instanceof NumericalError)) throw error;
      skipped++;
    }
  }
  return {
    energy: Float64Array.from(energies),
    transmission: Object.fromEntries(
      names.map((to) => [
        to,
        Object.fromEntries(
          columns
            .filter((column) => column.to === to)
            .map(({ from, values }) => [from, Float64Array.from(values)]),
        ),
      ]),
    ),
    skipped,
  };
}

/**
 * Figure of the transmission between the first two leads, and from the first to each of the next
 * two.
 */
export function spectrumFigure({ energy, transmission, skipped }: Spectrum): FigureData[] {
  const [first, ...others] = Object.keys(transmission);
  if (others.length === 0 || energy.length === 0) return [];
  return [
    {
      kind: "graph",
      name: "spectrum",
      title: "Transmission against energy",
      caption:
        `Sum over channels of the probabilities to go from lead to lead, all parameters at zero, on ${energy.length} energies; narrower resonances may hide between them.` +
        (skipped === 0
          ? ""
          : ` At ${skipped} energies there is no value because of a bound state; the line passes over them.`),
      x: { words: "energy E", quantity: "energy", values: energy },
      y: { words: "transmission T", quantity: "channels", withZero: true },
      curves: others.slice(0, 3).map((other) => ({
        name: `${first} to ${other}`,
        values: transmission[other][first],
      })),
    },
  ];
}

/**
 * The transmissions at one energy (default: mean chemical potential) as rows of a table; none
 * without an energy.
 */
export function transmissionRows(device: Device, energy = device.model.energy): string[][] {
  if (energy === undefined) return [];
  const { transmission, unitarityDefect } = device.scatter({ energy });
  return [
    ...Object.entries(transmission).flatMap(([to, row]) =>
      Object.entries(row).map(([from, value]) => [
        `transmission into ${to} from ${from} at ${significant(energy)}`,
        `T_${to},${from}`,
        significant(value, 10),
        "",
      ]),
    ),
    ["unitarity defect", "‖S⁺S − 1‖", small(unitarityDefect), ""],
  ];
}

/** The transmissions as text for a terminal. */
export function transmissionText(
  heading: { title: string; orbitals: number; leads: readonly string[] },
  rows: readonly (readonly string[])[],
): string {
  const { title, orbitals, leads } = heading;
  return [
    ...(title === "" ? [] : [title]),
    `${orbitals} orbitals; leads ${leads.join(", ")}; no cycle: transmission at rest`,
    ...rows.map(([quantity, , value]) => `${quantity}: ${value}`),
    "",
  ].join("\n");
}
