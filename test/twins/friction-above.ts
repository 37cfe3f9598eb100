// The friction tensor from the complete first-order lesser function, all energies at a distance eta above the real axis, where bound states are lines of width
// eta like any other: no split into sea, window and bound states. With G<_1 of docs/physics.md, section 4, integrated by parts,
//
//   gamma_nu,nu' = -(1/pi) int dE Im Tr[Lambda_nu G'(E + i eta) Lambda_nu' N(E)],   N = G [ sum_a f_a Gamma_a(E) + f_0 (2 eta + all that eta adds to Gamma) ] G^+,
//
// f_0 the filling of bound states. As eta -> 0 the antisymmetric part tends to that of the device linearly in eta (the symmetric one of bound states need not).

import type { Reservoir, ResolvedModel } from "../../src/model/types.js";
import { AdaptiveIntegrator } from "../../src/numerics/quadrature/adaptive.js";
import { pointwise } from "../../src/numerics/quadrature/integrand.js";
import { fermi } from "../../src/transport/energy/fermi.js";
import { denseHamiltonian } from "./dense.js";
import { bandEdges, selfEnergy } from "./leads.js";
import {
  add,
  adjoint,
  hermitianEigen,
  inverse,
  multiply,
  scalar,
  scaled,
  traceOfProduct,
  zeros,
} from "./linear-algebra.js";

/** Antisymmetric parts per pair nu < nu', by Richardson's extrapolation from `steps` halvings of eta, and the last change of it. */
export function twistAbove(
  model: ResolvedModel,
  values: Float64Array,
  reservoirs: readonly Reservoir[],
  eta = 0.01,
  steps = 5,
): { twist: Float64Array; change: number } {
  let table: Float64Array[] = [];
  let change = 0;
  for (let k = 0; k < steps; k++) {
    const row = [frictionAbove(model, values, reservoirs, eta / 4 ** k)];
    for (let j = 1; j <= k; j++) row.push(row[j - 1].map((x, i) => x + (x - table[j - 1][i]) / (2 ** j - 1)));
    if (k > 0) change = Math.max(...row[k].map((x, i) => Math.abs(x - table[k - 1][i])));
    table = row;
  }
  return { twist: table[table.length - 1], change };
}

function frictionAbove(
  model: ResolvedModel,
  values: Float64Array,
  reservoirs: readonly Reservoir[],
  eta: number,
): Float64Array {
  const { orbitals: n, leads } = model.device;
  const { H, lambda } = denseHamiltonian(model, values);
  const d = lambda.length;
  const embedded = (small: ReturnType<typeof zeros>, orbitals: Int32Array) => {
    const a = zeros(n, n);
    const m = orbitals.length;
    for (let i = 0; i < m; i++)
      for (let j = 0; j < m; j++)
        for (let part = 0; part < 2; part++)
          a.data[2 * (orbitals[i] * n + orbitals[j]) + part] += small.data[2 * (i * m + j) + part];
    return a;
  };
  const broadening = (sigma: ReturnType<typeof zeros>) => scaled(add(sigma, adjoint(sigma), -1), 0, 1);
  const pairs = (d * (d - 1)) / 2;
  const integrand = pointwise((energy, out) => {
    let [system, slope] = [add(scalar(n, energy, eta), H, -1), scalar(n)];
    const f = reservoirs.map((r) => fermi(energy, r.chemicalPotential, r.temperature));
    let [filled, known] = [zeros(n, n), zeros(n, n)];
    for (const [a, lead] of leads.entries()) {
      const { sigma, derivative } = selfEnergy(lead, energy, eta);
      system = add(system, embedded(sigma, lead.orbitals), -1);
      slope = add(slope, embedded(derivative, lead.orbitals), -1);
      const open = embedded(broadening(selfEnergy(lead, energy, 0).sigma), lead.orbitals);
      filled = add(filled, open, f[a]);
      known = add(known, open);
    }
    const G = inverse(system);
    // G^-1+ - G^-1 = -i (2 eta + Gamma).
    const total = scaled(add(system, adjoint(system), -1), 0, -1);
    filled = add(filled, add(total, known, -1), f[0]);
    const N = multiply(G, filled, adjoint(G));
    const dG = scaled(multiply(G, slope, G), -1);
    let pair = 0;
    for (let nu = 0; nu < d; nu++)
      for (let mu = nu + 1; mu < d; mu++, pair++) {
        const forward = traceOfProduct(multiply(lambda[nu], dG), multiply(lambda[mu], N))[1];
        const backward = traceOfProduct(multiply(lambda[mu], dG), multiply(lambda[nu], N))[1];
        out[pair] -= (forward - backward) / (2 * Math.PI);
      }
  });
  // Levels of H + Re Sigma(E): lines of width eta lie there, if nowhere else.
  const below = (energy: number) => {
    let effective = H;
    for (const lead of leads) {
      const sigma = embedded(selfEnergy(lead, energy, 0).sigma, lead.orbitals);
      effective = add(effective, add(sigma, adjoint(sigma)), 0.5);
    }
    return hermitianEigen(effective).values.filter((value) => value < energy).length;
  };
  const levels: number[] = [];
  const search = (low: number, high: number, before: number, after: number): void => {
    if (before === after) return;
    const middle = 0.5 * (low + high);
    if (high - low < 0.1 * eta) levels.push(middle);
    else {
      const count = below(middle);
      search(low, middle, before, count);
      search(middle, high, count, after);
    }
  };
  const grid = Array.from({ length: 401 }, (_, i) => -8 + 0.04 * i + 1e-5);
  const counts = grid.map(below);
  for (let i = 0; i < 400; i++) search(grid[i], grid[i + 1], counts[i], counts[i + 1]);
  const edges = leads.flatMap((lead) => bandEdges(lead));
  const sharp = [...levels, ...edges, ...reservoirs.map((r) => r.chemicalPotential)];
  const ends = [-30, -10, 10, 30];
  for (const energy of sharp)
    for (const x of [0, eta, 8 * eta, 64 * eta, 0.5]) ends.push(energy - x, energy + x);
  ends.sort((a, b) => a - b);
  const integrator = new AdaptiveIntegrator(pairs);
  const status = integrator.integrate(integrand, ends, ends.length, {
    tolerance: 1e-8,
    groups: new Int32Array(pairs),
    floors: Float64Array.of(1e-2),
  });
  if (!(status.relativeError < 1e-6)) throw new Error("the friction above the axis did not converge");
  return integrator.values.slice();
}
