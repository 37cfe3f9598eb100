// The cells of a lead whose orbitals overlap, in wave variables (periodic/wave-cells.ts) with factors
// that are linear in the energy (pencil.ts).

import { sameNumbers } from "../matrices.js";
import type { WaveCell, WaveLead } from "../periodic/wave-cells.js";
import { factoredPencil, type OverlappingLead, type PencilFactors } from "./pencil.js";

/** The lead as a sequence of cells; the contact at E is `contact` + E `contactSlope`. */
export function overlappingWaves(lead: OverlappingLead): Required<WaveLead> & { rank: number } {
  const { onsite, hopping, coupling, overlaps } = lead;
  const m = onsite.shape[0];
  const n = coupling.shape[0];
  const between = factoredPencil(hopping.data, overlaps.hopping.data, m, m);
  const cell = (inner: Pick<PencilFactors, "B" | "rank">): WaveCell => {
    const { A, slope, rank } = between;
    return {
      size: m,
      matrix: new Float64Array(),
      ports: besides(A, rank, inner.B, inner.rank, m),
      outerPorts: rank,
      innerPorts: inner.rank,
      pencil: {
        onsite: onsite.data,
        overlap: overlaps.onsite.data,
        portsSlope: besides(slope, rank, new Float64Array(2 * m * inner.rank), inner.rank, m),
      },
    };
  };
  const bulk = cell(between);
  const usual =
    sameNumbers(coupling.data, hopping.data) && sameNumbers(overlaps.coupling.data, overlaps.hopping.data);
  // Any other coupling leads into a first cell with ports of its own.
  const own = usual ? between : factoredPencil(coupling.data, overlaps.coupling.data, n, m);
  return {
    prefix: usual ? [] : [cell(own)],
    bulk,
    contact: own.A,
    contactSlope: own.slope,
    ports: own.rank,
    rank: between.rank,
  };
}

/** [a b], of `rows` rows. */
function besides(a: Float64Array, p: number, b: Float64Array, q: number, rows: number): Float64Array {
  const out = new Float64Array(2 * rows * (p + q));
  for (let i = 0; i < rows; i++) {
    out.set(a.subarray(2 * i * p, 2 * (i + 1) * p), 2 * i * (p + q));
    out.set(b.subarray(2 * i * q, 2 * (i + 1) * q), 2 * (i * (p + q) + p));
  }
  return out;
}
