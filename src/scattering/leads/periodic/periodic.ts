// Periodic leads with any cell h0 and hopping h1 (singular, complex, with a magnetic field) at real
// energy, without an imaginary part of the energy and without a pivot rule. They are treated in
// wave variables (wave-cells.ts, wave-surface.ts). With R the reflection of the lead as the device
// sees it, V = A0 B^+ and K = (1 - iR)^-1,
//     Sigma  = A0 (i - 2iK) A0^+,    W W^+ = Gamma / 2 pi,
//     Sigma' = 2 A0 K R' K A0^+,     W = A0 K^+ P^+ / sqrt(pi).
// States that nothing couples to the device are removed first (reach.ts).
//
// R is a smooth function of E except for the square roots at band edges. Special energies are:
// - An edge. Within 1e-14 of the bands' scale from it the result is that at 1e-14, on the side of
//   the given energy, or on the side with more channels exactly at the edge. If Sigma is infinite
//   at the edge (a gap), the distance is 1e-11. An energy given as a double-double next to an edge
//   that has a series is answered at any distance.
// - A crossing of a right and a left mover. R is exact at the crossing itself, but close to it
//   rounding mixes the two modes. R and R' are interpolated there from both sides (16 Chebyshev
//   nodes), and the decay of the coefficients is checked. If an edge is so near that this fails, the
//   series of the edge serves.
// - An edge that is also a crossing. The result is that at 1e-12 of the scale from it.
//
// Longer than most files: it decides at each energy which part of the algorithm applies, and holds
// the data that these parts share.

import { NumericalError } from "../../../base/errors.js";
import { lazily } from "../../../base/lazily.js";
import type { Kernels } from "../../../engine/kernels.js";
import { MemoryFull } from "../../../engine/memory.js";
import { type Block, Workspace } from "../../../engine/workspace.js";
import type { ResolvedPeriodicLead } from "../../../model/types.js";
import { largestRowSum } from "../../../numerics/linear-algebra/matrices.js";
import { broadened } from "../broadening.js";
import { leastRank, refuseAtOnce, refuseLargeCell, tooLarge } from "../cell-memory.js";
import { bandEnergies, bandExtrema } from "../edges/band-edges.js";
import { bandLevel } from "../edges/band-level.js";
import { type EdgeExpansion, type EdgeRequest, edgeExpansion } from "../edges/series.js";
import { edgesBetween } from "../edges/wave-edges.js";
import type { PreparedLead } from "../lead.js";
import { symmetrise } from "../matrices.js";
import {
  isOverlapping,
  leadAt,
  type OverlappingLead,
  pencilEnergies,
  pencilScale,
  selfEnergyAbove,
} from "../overlap/pencil.js";
import { overlappingWaves } from "../overlap/waves.js";
import { surfaceLevels } from "../surface.js";
import { Reflections } from "./kept-blocks.js";
import { type ReachableLead, reachableLead } from "./reach.js";
import { findBulk, ownBulk, type SharedBulk } from "./shared-bulk.js";
import { type WaveLead, waveLead } from "./wave-cells.js";
import { leadWaves } from "./wave-channels.js";
import { choleskyRows } from "./wave-factor.js";
import { bandModes, type Reflection, reflectionAbove, reflectionAt, throughCell } from "./wave-surface.js";

/**
 * Operations of one energy (PreparedLead.operations), measured: a smallest number, and a number per
 * cube of the cell's size.
 */
const LEAST_OPERATIONS = 5e5;
const OPERATIONS = 400;

/**
 * Distance in lambda of two modes below which an edge at which they become one lies within 1e-12 of
 * the bands' scale. `edgeOfGap` is the limit for an edge at which Sigma is infinite.
 */
const edgeDistance = 1e-6;
const edgeOfGap = 1e-4;
/**
 * Distances from an edge at which the lead is evaluated in place of the edge, in units of the
 * bands' scale: for an ordinary edge, for one at which Sigma is infinite, and for one that is also
 * a crossing.
 */
const besideEdge = 1e-14;
/** The first where the energy is a double-double: only on the edge itself it is felt. */
const besideNode = 1e-28;
const besidePole = 1e-11;
const besideBoth = 1e-12;
/**
 * Number of roundings lost near an edge: `lost` over the distance, or `lostBySeries` over the root
 * of the distance where a series is used. The distance is in units of the bands' scale. Both were
 * measured and contain a factor of five as a margin.
 */
const lost = 0.02;
const lostBySeries = 0.1;
/** Largest distance from an edge at which R is interpolated, in units of the bands' scale. */
const widest = 0.03;
/** Distance of crossing modes in lambda above which R is accurate enough without interpolation. */
const crossingEnough = 1e-4;
/** Size of |K| above which S is formed with the waves, because Sigma has lost as many digits. */
const steep = 3e3;
/**
 * Size of |K| to which Sigma is limited. At this size a state of the lead's surface lies exactly at
 * the energy, and Sigma serves only to count levels.
 */
const poleLimit = 1e11;

/** Largest cell for which all edges of all bands are computed at once. */
const wholeBands = 12;
/** Step by which the energy ranges of larger cells grow, in units of the bands' scale. */
const grain = 1 / 32;

const nodes = 16;
/**
 * Weights of the values at x_k = cos((2k + 1) pi / 2p) in the value at 0, and in the last two
 * Chebyshev coefficients.
 */
const atCentre = Array.from({ length: nodes }, (_, k) => weightOf(k, (j) => Math.cos((j * Math.PI) / 2)));
const lastTerms = [nodes - 2, nodes - 1].map((term) =>
  Array.from({ length: nodes }, (_, k) => weightOf(k, (j) => (j === term ? 1 : 0))),
);

function weightOf(k: number, polynomial: (j: number) => number): number {
  let sum = 0;
  for (let j = 0; j < nodes; j++)
    sum += ((j === 0 ? 1 : 2) / nodes) * polynomial(j) * Math.cos((j * (2 * k + 1) * Math.PI) / (2 * nodes));
  return sum;
}

/** R, R' and P, either of the repeated cell or as the device sees them. */
interface Surface {
  value: Block;
  slope: Block;
  outgoing?: Block;
}

/**
 * Prepares the lead. `real` is true if all its matrices are real. Errors name the `field`. `bulks`
 * are the repeated cells of the device's leads so far, with which a lead with the same cells shares
 * its work.
 */
export function periodicLead(
  kernels: Kernels,
  lead: ResolvedPeriodicLead,
  real: boolean,
  field: string,
  bulks: SharedBulk[] = [],
): PreparedLead {
  const { orbitals, onsite, hopping } = lead;
  const n = orbitals.length;
  const m = onsite.shape[0];
  const pencil = isOverlapping(lead) ? lead : undefined;
  const cells = pencil
    ? overlappingCells(kernels, pencil, field)
    : orthonormalCells(kernels, lead, field, bulks);
  const { prefix, bulk, contact, contactSlope, ports, rank, size, scale, windows, reflections } = cells;
  // All bands of a small cell are computed at once. For a large cell the bands in a range of
  // energies are computed from its modes.
  const { whole, seeds } = cells;
  let asked = false;
  const edgesWithin = (from: number, to: number): number[] => {
    asked = true;
    const [low, high] = [Math.max(from, -scale), Math.min(to, scale)];
    const inside = (edges: number[]) => edges.filter((edge) => edge >= low && edge <= high);
    if (!(high >= low)) return [];
    if (whole) return inside(whole());
    let known = windows.find((window) => window.low <= low && window.high >= high);
    if (!known) {
      const modesAt = (energy: number) => bandModes(Workspace.of(kernels), bulk, energy);
      // A slightly larger range will also serve the following requests.
      const [start, end] = [Math.floor(low / (grain * scale)), Math.ceil(high / (grain * scale))].map(
        (count) => count * grain * scale,
      );
      known = { low: start, high: end, edges: edgesBetween(modesAt, scale, start, end, seeds()) };
      windows.push(known);
    }
    return inside(known.edges);
  };

  const failure = (energy: number) =>
    new NumericalError(`${field}: no surface Green's function of the lead at this energy`, {
      energy,
      causes: [
        "a band edge at which other bands cross lies exactly here: move the energy by a little",
        "a cell whose elements differ by more than the digits of a double",
      ],
    });
  /** What `compute` returns. A memory that is full here is too small for this lead. */
  const within = <T>(compute: () => T): T => {
    try {
      return compute();
    } catch (error) {
      if (error instanceof MemoryFull)
        error.reason ??= tooLarge(field, size, rank, kernels.memory.limit, error);
      throw error;
    }
  };
  /** The reflection of the bulk at exactly this energy, in an empty workspace. */
  const direct = (energy: number): Reflection | undefined => {
    const w = Workspace.of(kernels);
    const kept = reflections.find(w, energy);
    const found = kept ?? reflectionAt(w, bulk, energy);
    if (found && !kept) reflections.keep(w, energy, found);
    noEdge = { energy, holds: found !== undefined && !(found.edge && found.edge.distance < 1e-3) };
    return found;
  };
  /** The last energy of `direct`, and whether its modes exclude an edge in its surroundings. */
  let noEdge = { energy: Number.NaN, holds: false };

  const valuesOf = ({ value, slope }: Reflection) => {
    const w = Workspace.current(kernels);
    return { value: w.values(value).slice(), slope: w.values(slope).slice() };
  };
  const series: EdgeRequest = {
    reflection: (at, exchanged) => reflectionAt(Workspace.of(kernels), bulk, at, exchanged),
    valuesOf,
    level: (re, im, at) =>
      bandLevel(
        Workspace.of(kernels),
        m,
        onsite.data,
        hopping.data,
        [re, im],
        at,
        pencil && { s0: pencil.overlaps.onsite.data, s1: pencil.overlaps.hopping.data },
      ),
    scale,
  };
  /** The expansions by edge. An entry is null if an edge has none. */
  const expansions = new Map<number, EdgeExpansion | null>();
  const knownEdges = (): number[] => (whole ? (asked ? whole() : []) : windows.flatMap(({ edges }) => edges));
  const expansionAt = (edge: number): EdgeExpansion | null => {
    let expansion = expansions.get(edge);
    if (expansion === undefined) {
      expansion = edgeExpansion(series, edge, knownEdges()) ?? null;
      expansions.set(edge, expansion);
    }
    return expansion;
  };
  /** R from an expansion, if the energy is close to a known edge. */
  const nearEdge = (energy: number, energyLow: number | undefined): Reflection | undefined => {
    const least = (energyLow === undefined ? besideEdge : besideNode) * scale;
    for (const edge of knownEdges()) {
      if (!(Math.abs(energy - edge) < widest * scale)) continue;
      const expansion = expansionAt(edge);
      if (!expansion?.holds(energy)) continue;
      const { value, slope, open, distance } = expansion.at(energy, energyLow ?? 0, least);
      const w = Workspace.of(kernels);
      const r = bulk.outerPorts;
      const R = w.from(value, r, r);
      const missing = w.addToDiagonal(w.scale(w.adjointTimes(R, R), -1), 1);
      return {
        open,
        value: R,
        slope: w.from(slope, r, r),
        outgoing: choleskyRows(w, missing, open),
        crossing: Number.POSITIVE_INFINITY,
        edge: { distance, open: true },
      };
    }
    return undefined;
  };

  /**
   * R across a crossing of modes, interpolated from energies within `radius`. Undefined if R is not
   * smooth there.
   */
  const across = (energy: number, radius: number, digits: number): Reflection | undefined => {
    const r = bulk.outerPorts;
    const value = new Float64Array(2 * r * r);
    const slope = value.slice();
    const tails = [value.slice(), value.slice()];
    let [open, size] = [-1, 0];
    for (let k = 0; k < nodes; k++) {
      const node = direct(energy + radius * Math.cos(((2 * k + 1) * Math.PI) / (2 * nodes)));
      if (!node || (open >= 0 && node.open !== open)) return undefined;
      open = node.open;
      const w = Workspace.current(kernels);
      const [R, dR] = [w.values(node.value), w.values(node.slope)];
      for (let i = 0; i < value.length; i++) {
        value[i] += atCentre[k] * R[i];
        slope[i] += atCentre[k] * dR[i];
        tails[0][i] += lastTerms[0][k] * dR[i];
        tails[1][i] += lastTerms[1][k] * dR[i];
        size = Math.max(size, Math.abs(dR[i]));
      }
    }
    const last = Math.max(...tails.map((tail) => tail.reduce((most, x) => Math.max(most, Math.abs(x)), 0)));
    if (!(last < 1e3 * digits * size && last * radius < digits)) return undefined;
    const w = Workspace.of(kernels);
    const R = w.from(value, r, r);
    const missing = w.addToDiagonal(w.scale(w.adjointTimes(R, R), -1), 1);
    const outgoing = choleskyRows(w, missing, open);
    return { open, value: R, slope: w.from(slope, r, r), outgoing, crossing: Number.POSITIVE_INFINITY };
  };

  /**
   * The result at the distance `step` from an edge that lies within `step` of the energy. Undefined
   * if no edge does.
   */
  const atEdge = (energy: number, found: Reflection | undefined, step: number): Reflection | undefined => {
    const [open, certain] = [found?.open ?? 0, found?.edge !== undefined && found.edge.distance > 1e-8];
    const [below, above] = [energy - step, energy + step].map((e) => direct(e)?.open ?? Number.NaN);
    if (below === above || Number.isNaN(below) || Number.isNaN(above)) return undefined;
    const wide = above > below ? 1 : -1;
    const side = certain && open === Math.min(below, above) ? -wide : wide;
    return direct(energy + side * step);
  };

  const surfaceAt = (energy: number, energyLow?: number): Reflection => {
    const near = nearEdge(energy, energyLow);
    if (near) return near;
    const found = direct(energy);
    const edge = found?.edge && found.edge.distance < edgeDistance;
    if (found && found.crossing === Number.POSITIVE_INFINITY && !edge) return found;
    if (!found || edge) {
      const beside = atEdge(energy, found, besideEdge * scale);
      if (beside) return beside;
    }
    if (!found || found.crossing < Number.POSITIVE_INFINITY)
      // Close to edges the interpolation reaches fewer digits.
      for (const digits of [1e-13, 1e-11])
        for (let radius = 0.02 * scale; radius > 1e-6 * scale; radius *= 0.4) {
          const smooth = across(energy, radius, digits);
          if (smooth) return smooth;
        }
    if (found) {
      const again = direct(energy)!;
      if (!(again.crossing < crossingEnough)) return again;
    }
    // A crossing that is so close to an edge that no interval around it is smooth in the energy.
    edgesWithin(energy - widest * scale, energy + widest * scale);
    const bySeries = nearEdge(energy, energyLow);
    if (bySeries) return bySeries;
    const beside = direct(energy + besideBoth * scale) ?? direct(energy - besideBoth * scale);
    if (!beside) throw failure(energy);
    return beside;
  };

  const surfaceAbove = (re: number, im: number) => {
    // Close to the real axis the solution on the axis is continued, because the modes decay too
    // slowly for joining cells.
    if (im < 1e-3 * scale) {
      // The modes are needed, which are not kept.
      const below = reflectionAt(Workspace.of(kernels), bulk, re);
      const found = below && reflectionAbove(Workspace.current(kernels), bulk, re, im, below);
      if (found && below.crossing > crossingEnough) return found;
    }
    if (im < 1e-7 * scale) {
      const { value, slope } = surfaceAt(re);
      return { value: Workspace.current(kernels).add(value, slope, 0, im), slope };
    }
    return reflectionAbove(Workspace.of(kernels), bulk, re, im);
  };

  const wavesOf = (w: Workspace, energy: number, behind: Surface, here: Surface) => {
    const { outgoing } = here;
    const own = contactSlope ? contact.map((x, k) => x + energy * contactSlope[k]) : contact;
    // If there are more channels than ports, only the combinations that reach the device count.
    const found =
      outgoing!.rows <= ports
        ? leadWaves(w, { ...behind, outgoing: behind.outgoing! }, prefix, energy, own, real)
        : leadWaves(
            w,
            { ...here, outgoing: choleskyRows(w, w.adjointTimes(outgoing!, outgoing!), ports) },
            [],
            energy,
            own,
            real,
          );
    // The slopes of the phases are summed for a contact of orthogonal columns of one length. Of
    // complex leads with fewer channels than ports those of another contact are not known.
    const unphased = !real && outgoing!.rows < ports && (!!contactSlope || !evenColumns(contact, ports));
    if (!found || !(contactSlope || unphased)) return found;
    return { ...found, ...(contactSlope ? { contactSlope } : {}), unphased };
  };

  /**
   * Sigma and Sigma' on the device's orbitals from the reflection of the bulk, and a factor of
   * Gamma / 2 pi if the outgoing amplitudes are known.
   */
  const onContact = (energy: readonly [number, number], surface: Surface) => {
    const w = Workspace.current(kernels);
    let seen: Surface | undefined = surface;
    for (let j = prefix.length - 1; j >= 0 && seen; j--) seen = throughCell(w, prefix[j], energy, seen);
    if (!seen) throw failure(energy[0]);
    const { value: R, slope: dR, outgoing } = seen;
    // K = (1 - iR)^-1, then M = i - 2iK and M' = 2 K R' K.
    const inverse = (cut: number) => {
      const factors = w.factor(w.addToDiagonal(w.scale(w.copy(R), 0, cut - 1), 1));
      return factors && w.solve(factors, w.addToDiagonal(w.zeros(ports, ports), 1));
    };
    let K = inverse(0);
    if (!K || !(w.largest(K) < poleLimit)) K = inverse(1 / poleLimit);
    if (!K) throw failure(energy[0]);
    const A = w.from(contact, n, ports);
    const back = w.adjoint(A);
    // The contact of orbitals that overlap depends on the energy: A(z), and A(z*)^+ behind it.
    const dA = contactSlope && w.from(contactSlope, n, ports);
    if (dA) {
      w.add(back, w.adjoint(dA), energy[0], energy[1]);
      w.add(A, dA, energy[0], energy[1]);
    }
    const M = w.addToDiagonal(w.scale(w.copy(K), 0, -2), 0, 1);
    const sigma = w.times(A, w.times(M, back));
    const AK = w.times(A, K);
    const slope = w.scale(w.times(AK, w.times(dR, w.times(K, back))), 2);
    if (dA) {
      w.addTimes(slope, dA, w.times(M, back));
      w.addTimes(slope, w.times(A, M), w.adjoint(dA));
    }
    if (real) for (const matrix of [sigma, slope]) symmetrise(w.values(matrix), n);
    if (!outgoing) return { w, sigma, slope, factor: undefined, waves: undefined };
    // P K, whose adjoint is sqrt(pi) times W at the ports.
    const PK = w.scale(w.times(outgoing, K), 1 / Math.sqrt(Math.PI));
    const open = outgoing.rows;
    const waves = w.largest(K) < steep ? undefined : wavesOf(w, energy[0], surface, seen);
    if (!real && open <= ports) return { w, sigma, slope, factor: w.times(A, w.adjoint(PK)), waves };
    // The factor has to be real, or must not have more columns than there are ports.
    const gamma = w.adjointTimes(PK, PK);
    if (real)
      w.values(gamma).forEach((_, k, all) => {
        if (k % 2 === 1) all[k] = 0;
      });
    const rows = choleskyRows(w, gamma, Math.min(open, ports));
    return { w, sigma, slope, factor: w.times(A, w.adjoint(rows)), waves };
  };

  const above = {
    selfEnergy: new Float64Array(2 * n * n),
    selfEnergyDerivative: new Float64Array(2 * n * n),
  };
  const result = {
    selfEnergy: new Float64Array(2 * n * n),
    selfEnergyDerivative: new Float64Array(2 * n * n),
  };
  return {
    orbitals,
    capacity: ports,
    operations: LEAST_OPERATIONS + OPERATIONS * m ** 3,
    symmetric: real,
    get edges() {
      return edgesWithin(-scale, scale);
    },
    edgesWithin: (low, high) => {
      // In a range as narrow as a rounding error, the modes at one energy reveal an edge.
      if (high - low < 1e-8 * scale) {
        if (!(noEdge.energy >= low && noEdge.energy <= high)) direct(0.5 * (low + high));
        if (noEdge.holds) return [];
        const [a, b] = [low, high].map((energy) => direct(energy)?.open);
        if (a !== undefined && a === b) return [];
      }
      return edgesWithin(low, high);
    },
    reach: scale,
    rotating: true,
    lostAt: (energy) => {
      let most = 0;
      for (const edge of knownEdges()) {
        const distance = Math.abs(energy - edge);
        const near = scale / Math.max(distance, besideEdge * scale);
        // What the energy itself needs decides, not what earlier energies have needed.
        const bySeries = distance < widest * scale && expansionAt(edge);
        most = Math.max(most, bySeries ? lostBySeries * Math.sqrt(near) : lost * near);
      }
      return most;
    },
    edgeLow: (edge) => (knownEdges().includes(edge) ? (expansionAt(edge)?.edgeLow(edge) ?? 0) : 0),
    surfaceLevels: (low, high) => {
      // No level lies outside all bands.
      const all = whole?.() ?? [-scale, scale];
      const between = all.length > 0 && high > all[0] && low < all[all.length - 1];
      if (!between) return [];
      return surfaceLevels(kernels, size, cells.cellAt, scale, low, high);
    },
    at: (energy, energyLow) => {
      const surface = within(() => surfaceAt(energy, energyLow));
      let seen = onContact([energy, 0], surface);
      // At the edge of a gap Sigma diverges like 1/sqrt(distance) and S loses digits like
      // 1/distance. S also approaches its limit as fast as that, so that S at a small distance
      // serves instead.
      if (seen.waves && surface.edge && surface.edge.distance < edgeOfGap) {
        const beside = atEdge(energy, surface, besidePole * scale);
        seen = onContact([energy, 0], beside ?? surfaceAt(energy));
      }
      const { w, sigma, slope, factor, waves } = seen;
      const values = broadened(w, sigma, slope, factor!, real);
      result.selfEnergy.set(w.values(sigma));
      result.selfEnergyDerivative.set(w.values(slope));
      const { channels, vectors: W, vectorDerivatives, connection } = values;
      return {
        ...result,
        channels,
        vectors: W,
        vectorDerivatives,
        waves,
        // The connection is computed only when S' of the returned S is requested. Waves have their
        // own basis.
        get connection() {
          return waves ? undefined : connection();
        },
      };
    },
    selfEnergyAt: (re, im) => {
      if (pencil && im >= 1e-3 * scale) {
        const w = Workspace.of(kernels);
        const found = selfEnergyAbove(w, pencil, re, im);
        if (!found) throw failure(re);
        above.selfEnergy.set(w.values(found.sigma));
        above.selfEnergyDerivative.set(w.values(found.slope));
        if (real) for (const matrix of Object.values(above)) symmetrise(matrix, n);
        return above;
      }
      const surface = within(() => (im > 0 ? surfaceAbove(re, im) : surfaceAt(re)));
      if (!surface) throw failure(re);
      const { w, sigma, slope } = onContact([re, im], surface);
      above.selfEnergy.set(w.values(sigma));
      above.selfEnergyDerivative.set(w.values(slope));
      return above;
    },
  };
}

/** The cells of a lead in wave variables, and what does not depend on the energy. */
interface LeadCells extends WaveLead {
  /** Rank of the hopping between cells, and number of states of a cell. */
  rank: number;
  size: number;
  /** A bound on the energies of the bands. */
  scale: number;
  /** The edges of all bands, if they are computed at once. */
  whole: (() => number[]) | undefined;
  /** Energies of all bands at some phases. */
  seeds: () => number[];
  windows: SharedBulk["windows"];
  reflections: Reflections;
  /** Cell and hopping of the lead at an energy, for `surfaceLevels`. */
  cellAt: (energy: number) => { onsite: Float64Array; hopping: Float64Array };
}

function orthonormalCells(
  kernels: Kernels,
  { orbitals, onsite, hopping, coupling }: ResolvedPeriodicLead,
  field: string,
  bulks: SharedBulk[],
): LeadCells {
  const m = onsite.shape[0];
  refuseAtOnce(kernels, field, { onsite, hopping, coupling });
  const known = findBulk(bulks, onsite.data, hopping.data, m);
  const reachable: ReachableLead = reachableLead(kernels, onsite, hopping, coupling, known?.shared.basis) ?? {
    prefix: [],
    size: m,
    onsite: onsite.data,
    hopping: hopping.data,
    coupling: coupling.data,
  };
  const twin = known && reachable.basis === known.shared.basis ? known : undefined;
  refuseLargeCell(
    kernels,
    field,
    reachable.size,
    leastRank(reachable.hopping, reachable.size, reachable.size),
  );
  const own = ownBulk(kernels, bulks, { onsite: onsite.data, hopping: hopping.data }, reachable, twin);
  const { rank } = own.factors;
  // The edges are those of the cells in either direction.
  const { size, h0, h1, windows } = own.shared;
  refuseLargeCell(kernels, field, size, rank);
  return {
    ...waveLead(kernels, reachable, orbitals.length, own),
    rank,
    size,
    scale: bandScale(m, onsite.data, hopping.data),
    whole: size <= wholeBands ? lazily(() => bandExtrema(kernels, size, h0, h1)) : undefined,
    seeds: lazily(() => bandEnergies(kernels, size, h0, h1)),
    windows,
    reflections: own.reflections,
    cellAt: () => reachable,
  };
}

/** All orbitals of the cells are kept, also those that the device does not reach. */
function overlappingCells(kernels: Kernels, lead: OverlappingLead, field: string): LeadCells {
  const size = lead.onsite.shape[0];
  const waves = overlappingWaves(lead);
  refuseLargeCell(kernels, field, size, waves.rank);
  return {
    ...waves,
    size,
    scale: pencilScale(kernels, lead),
    whole: undefined,
    seeds: lazily(() => pencilEnergies(kernels, lead)),
    windows: [],
    reflections: new Reflections(),
    cellAt: (energy) => leadAt(lead, energy),
  };
}

/** A bound on the energies of the bands: the largest row sums of h0 and h1. */
function bandScale(m: number, h0: Float64Array, h1: Float64Array): number {
  return largestRowSum(h0, m) + 2 * largestRowSum(h1, m);
}

/** Whether the columns of a complex matrix, stored by rows, are orthogonal and of one length. */
function evenColumns(matrix: Float64Array, columns: number): boolean {
  const gram = (i: number, j: number): [number, number] => {
    let [re, im] = [0, 0];
    for (let row = 0; row < matrix.length; row += 2 * columns) {
      const [a, b] = [matrix[row + 2 * i], matrix[row + 2 * i + 1]];
      const [c, d] = [matrix[row + 2 * j], matrix[row + 2 * j + 1]];
      re += a * c + b * d;
      im += a * d - b * c;
    }
    return [re, im];
  };
  const length = gram(0, 0)[0];
  for (let i = 0; i < columns; i++)
    for (let j = i; j < columns; j++) {
      const [re, im] = gram(i, j);
      if (Math.hypot(re - (i === j ? length : 0), im) > 1e-12 * length) return false;
    }
  return true;
}
