// The scattering matrix [[R, Q], [P, rho]] of the waves at a lead's contact and its open channels,
// and its derivative. It is unitary and bounded at every energy, and closes a device near a pole of
// the lead's self-energy (wave-closure.ts). For the repeated cell P and Q follow from 1 - R^+ R and
// 1 - R R^+, and rho follows from unitarity. All are derived by the covariant rule of
// leads/lead-vectors.ts. The cells in front of it are included by the product rule.

import type { LeadWaves } from "../../../engine/device/lead-store.js";
import type { Block, Workspace } from "../../../engine/workspace.js";
import { scattererOf, type WaveCell } from "./wave-cells.js";
import { basisRotation, canonicalRows, choleskyRows } from "./wave-factor.js";

/**
 * [[R, Q], [P, rho]] and its derivative. The channels are rows of P and, in a magnetic field,
 * columns of Q in triangular form (canonicalRows).
 */
interface ChannelWaves {
  R: Block;
  dR: Block;
  P: Block;
  dP: Block;
  Q: Block;
  dQ: Block;
  rho: Block;
  drho: Block;
  /** The rotation of the channel basis: P' = dP + rotationOut P and Q' = dQ + Q rotationIn. */
  rotationOut: Block;
  rotationIn: Block;
}

/**
 * The waves of a lead at its contact, from R, R' and the amplitudes P of the open channels of the
 * repeated cell (1 - R^+ R = P^+ P) and from the cells in front of it, listed from the device
 * outwards. `real` is true without a magnetic field in the lead.
 */
export function leadWaves(
  w: Workspace,
  { value, slope, outgoing }: { value: Block; slope: Block; outgoing: Block },
  prefix: readonly WaveCell[],
  energy: number,
  contact: Float64Array,
  real: boolean,
): LeadWaves | undefined {
  let found: ChannelWaves | undefined = bulkWaves(w, value, slope, outgoing, real);
  for (let j = prefix.length - 1; j >= 0 && found; j--) found = wavesThrough(w, prefix[j], energy, found);
  if (!found) return undefined;
  const { R, dR, P, dP, Q, dQ, rho, drho, rotationOut, rotationIn } = found;
  const values = (a: Block) => w.values(a).slice();
  const waves: LeadWaves = {
    ports: R.rows,
    open: P.rows,
    contact,
    R: values(R),
    dR: values(dR),
    P: values(P),
    dP: values(dP),
    Q: values(Q),
    dQ: values(dQ),
    rho: values(rho),
    drho: values(drho),
    rotationOut: values(rotationOut),
    rotationIn: values(rotationIn),
  };
  rotatePhases(waves, phaseSlope(w, R, dR, waves));
  return waves;
}

function bulkWaves(w: Workspace, R: Block, dR: Block, amplitudes: Block, real: boolean): ChannelWaves {
  const ports = R.rows;
  const open = amplitudes.rows;
  const outwards = canonicalRows(w, amplitudes);
  const P = outwards.rows;
  const [dRd, Rd] = [w.adjoint(dR), w.adjoint(R)];
  /** F' of F F^+ = Z for a given Z': Z' F N - F N (F^+ Z' F) N / 2, where N = (F^+ F)^-1. */
  const covariant = (F: Block, slope: Block): Block => {
    if (open === 0) return w.block(ports, 0);
    const gram = w.factor(w.adjointTimes(F, F));
    if (!gram) return w.zeros(ports, open);
    // x N is the adjoint of N x^+.
    const over = (x: Block) => w.adjoint(w.solve(gram, w.adjoint(x)));
    const ZFN = over(w.times(slope, F));
    const inner = w.scale(w.adjointTimes(F, ZFN), 0.5);
    return w.subtractTimes(ZFN, F, w.solve(gram, inner));
  };
  const front = w.scale(w.add(w.times(dRd, R), w.times(Rd, dR)), -1);
  const F = w.adjoint(P);
  const dF = covariant(F, front);
  const rotationOut = basisRotation(w, outwards, w.adjoint(dF)) ?? w.zeros(open, open);
  let Q: Block;
  let dQ: Block;
  let rotationIn: Block;
  if (real) {
    // R is symmetric. The choice Q = P^T makes S symmetric as well.
    Q = conjugate(w, F);
    dQ = conjugate(w, dF);
    rotationIn = conjugate(w, w.adjoint(rotationOut));
  } else {
    const back = w.scale(w.add(w.times(dR, Rd), w.times(R, dRd)), -1);
    const missing = w.addToDiagonal(w.scale(w.times(R, Rd), -1), 1);
    const inwards = canonicalRows(w, choleskyRows(w, missing, open));
    Q = w.adjoint(inwards.rows);
    dQ = covariant(Q, back);
    rotationIn = w.adjoint(basisRotation(w, inwards, w.adjoint(dQ)) ?? w.zeros(open, open));
  }
  // rho = -(F^+ F)^-1 F^+ R^+ Q. Its derivative follows from that of R^+ Q + F rho = 0.
  const gram = open > 0 ? w.factor(w.adjointTimes(F, F)) : undefined;
  const along = (x: Block) => (gram ? w.scale(w.solve(gram, w.adjointTimes(F, x)), -1) : w.zeros(open, open));
  const rho = along(w.times(Rd, Q));
  // The rounding error of rho grows towards an edge, where P and Q become small. The columns [Q;
  // rho] are therefore made orthonormal and orthogonal to [R; P].
  const known = w.above(R, P);
  const rest = w.above(Q, rho);
  for (let pass = 0; pass < 4; pass++) {
    w.subtractTimes(rest, known, w.adjointTimes(known, rest));
    const excess = w.addToDiagonal(w.scale(w.adjointTimes(rest, rest), -0.5), 0.5);
    w.add(rest, w.times(rest, excess));
  }
  w.put(rest, Q, 0, 0);
  w.put(rest, rho, -ports, 0);
  const moved = w.addTimes(w.times(dRd, Q), Rd, dQ);
  const drho = along(w.addTimes(moved, dF, rho));
  return { R, dR, P, dP: w.adjoint(dF), Q, dQ, rho, drho, rotationOut, rotationIn };
}

/** The waves of a cell in front of the waves behind it. */
function wavesThrough(
  w: Workspace,
  cell: WaveCell,
  energy: number,
  { R, dR, P, dP, Q, dQ, rho, drho, rotationOut, rotationIn }: ChannelWaves,
): ChannelWaves | undefined {
  const found = scattererOf(w, cell, energy, 0, true);
  if (!found) return undefined;
  const { back, out, in: inward, front } = found.value;
  const slope = found.slope!;
  const factors = w.factor(w.addToDiagonal(w.scale(w.times(back, R), -1), 1));
  if (!factors) return undefined;
  // Between the cells: Y is driven from the device and Z from the channels. (back R)' enters both.
  const backSlope = w.addTimes(w.times(slope.back, R), back, dR);
  const Y = w.solve(factors, w.copy(out));
  const Z = w.solve(factors, w.times(back, Q));
  const dY = w.solve(factors, w.addTimes(w.copy(slope.out), backSlope, Y));
  const driven = w.addTimes(w.times(slope.back, Q), back, dQ);
  const dZ = w.solve(factors, w.addTimes(driven, backSlope, Z));
  const beyond = w.times(R, Y);
  const dBeyond = w.addTimes(w.times(dR, Y), R, dY);
  const returned = w.addTimes(w.copy(Q), R, Z);
  const dReturned = w.addTimes(w.addTimes(w.copy(dQ), dR, Z), R, dZ);
  return {
    R: w.addTimes(w.copy(front), inward, beyond),
    dR: w.addTimes(w.addTimes(w.copy(slope.front), slope.in, beyond), inward, dBeyond),
    P: w.times(P, Y),
    dP: w.addTimes(w.times(dP, Y), P, dY),
    Q: w.times(inward, returned),
    dQ: w.addTimes(w.times(slope.in, returned), inward, dReturned),
    rho: w.addTimes(w.copy(rho), P, Z),
    drho: w.addTimes(w.addTimes(w.copy(drho), dP, Z), P, dZ),
    rotationOut,
    rotationIn,
  };
}

function conjugate(w: Workspace, a: Block): Block {
  const out = w.copy(a);
  const values = w.values(out);
  for (let k = 1; k < values.length; k += 2) values[k] = -values[k];
  return out;
}

/**
 * The sum of the phase slopes by which the channels have to be rotated, so that the trace of -i S^+
 * S' equals that of W from Gamma. It is 2 Im sum of -y'/(1 - y) over the eigenvalues y of iR. For
 * an eigenvalue that reaches 1 on the unit circle (a state bound to the surface) it is the limit
 * Im(y* y').
 */
function phaseSlope(w: Workspace, R: Block, dR: Block, waves: LeadWaves): number {
  const n = R.rows;
  const eigen = w.eigen(w.scale(w.copy(R), 0, 1));
  if (!eigen) return 0;
  const factors = w.factor(w.copy(eigen.vectors));
  if (!factors) return 0;
  const turned = w.solve(factors, w.scale(w.times(dR, eigen.vectors), 0, 1));
  const slopes = w.values(turned);
  let sum = 0;
  for (let k = 0; k < n; k++) {
    const [re, im] = [eigen.values[2 * k], eigen.values[2 * k + 1]];
    const p = 2 * k * (n + 1);
    const [dr, di] = [slopes[p], slopes[p + 1]];
    const size = (1 - re) ** 2 + im * im;
    const closed = size < 1e-6 && Math.abs(1 - Math.hypot(re, im)) < 1e-11;
    sum += closed ? re * di - im * dr : (-2 * (di * (1 - re) + dr * im)) / size;
  }
  return sum - ownPhaseSlope(waves);
}

/**
 * Im tr U^+ U' of the lead's own scattering matrix U = [[R, Q], [P, rho]] in the present basis. It
 * is the contribution that the waves already make to the trace.
 */
function ownPhaseSlope({ R, dR, P, dP, Q, dQ, rho, drho }: LeadWaves): number {
  let sum = 0;
  for (const [a, b] of [
    [R, dR],
    [P, dP],
    [Q, dQ],
    [rho, drho],
  ])
    for (let k = 0; k < a.length; k += 2) sum += a[k] * b[k + 1] - a[k + 1] * b[k];
  return sum;
}

/**
 * Rotates the incoming channels by phases that vanish at this energy and whose slopes add up to
 * `slope`. `rotationIn` compensates this in the derivative of the S that is returned.
 */
function rotatePhases(waves: LeadWaves, slope: number): void {
  if (waves.open === 0) return;
  const each = slope / waves.open;
  for (const [a, b] of [
    [waves.Q, waves.dQ],
    [waves.rho, waves.drho],
  ])
    for (let k = 0; k < a.length; k += 2) {
      b[k] -= each * a[k + 1];
      b[k + 1] += each * a[k];
    }
  for (let k = 0; k < waves.open; k++) waves.rotationIn[2 * k * (waves.open + 1) + 1] -= each;
}
