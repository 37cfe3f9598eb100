// The slow obvious twin of the scattering engine: dense matrices, one full inverse per energy, definitions written out.
// It implements PointSolver, so that everything above the kernels can be tested without them, and the kernels against it.
// Cost O(n^3) per energy with every product allocated: for devices of a few tens of orbitals.

import type { ComplexMatrix, ResolvedModel } from "../../src/model/types.js";
import { type PointSolver, solveOneByOne } from "../../src/scattering/contract.js";
import type { PointRequest, ScatteringPoint } from "../../src/scattering/point.js";
import { bandEdges, leadVectors, type SelfEnergy, selfEnergy } from "./leads.js";
import {
  add,
  adjoint,
  besides,
  dense,
  distance,
  hermitianEigen,
  inverse,
  multiply,
  scalar,
  scaled,
  traceOfProduct,
  zeros,
} from "./linear-algebra.js";

/** Everything about one energy and one configuration, as full matrices. */
export interface DensePoint {
  G: ComplexMatrix;
  /** dG/dE = -G (S - Sigma') G. */
  dG(): ComplexMatrix;
  /** Per lead Sigma_a and Sigma_a' on the whole device. */
  sigma: ComplexMatrix[];
  dSigma: ComplexMatrix[];
  W: ComplexMatrix;
  dW: ComplexMatrix;
  channelLead: Int32Array;
  psi: ComplexMatrix;
  dPsi: ComplexMatrix;
  S: ComplexMatrix;
  dS: ComplexMatrix;
}

export interface DenseDevice extends PointSolver {
  /** Lambda_nu as full matrices (the directions in force). */
  lambda(): ComplexMatrix[];
  hamiltonian(): ComplexMatrix;
  point(energy: number): DensePoint;
}

/** H(X) and the Lambda_nu as full matrices. */
export function denseHamiltonian(
  model: ResolvedModel,
  values: Float64Array,
): { H: ComplexMatrix; lambda: ComplexMatrix[] } {
  const { orbitals: n, parameters, hamiltonian } = model.device;
  const lambda = parameters.map((parameter) => dense(parameter.derivative, n));
  let H = dense(hamiltonian, n);
  for (const [nu, value] of values.entries()) H = add(H, lambda[nu], value);
  return { H, lambda };
}

/** A small matrix on the lead's orbitals put at its place in the device (rows, or rows and columns). */
function embedded(small: ComplexMatrix, orbitals: Int32Array, n: number, columnsToo: boolean): ComplexMatrix {
  const [rows, columns] = small.shape;
  const a = zeros(n, columnsToo ? n : columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const at = 2 * (orbitals[i] * a.shape[1] + (columnsToo ? orbitals[j] : j));
      a.data[at] += small.data[2 * (i * columns + j)];
      a.data[at + 1] += small.data[2 * (i * columns + j) + 1];
    }
  }
  return a;
}

export function densePointSolver(model: ResolvedModel): DenseDevice {
  const n = model.device.orbitals;
  const leads = model.device.leads;
  const edges = leads.flatMap((lead) => bandEdges(lead)).sort((a, b) => a - b);
  const distinctEdges = edges.filter(
    (edge, i) => i === 0 || edge - edges[i - 1] > 1e-12 * (1 + Math.abs(edge)),
  );
  const overlap = model.device.overlap ? dense(model.device.overlap, n) : scalar(n);
  let H = zeros(n, n);
  let lambda: ComplexMatrix[] = [];

  /** Lead self-energies by energy: they do not depend on X. */
  const remembered = new Map<string, SelfEnergy[]>();
  function selfEnergies(re: number, im: number): SelfEnergy[] {
    const key = `${re} ${im}`;
    const known = remembered.get(key);
    if (known) return known;
    if (remembered.size > 20000) remembered.clear();
    const fresh = leads.map((lead) => selfEnergy(lead, re, im));
    remembered.set(key, fresh);
    return fresh;
  }

  function green(re: number, im: number) {
    const selves = selfEnergies(re, im);
    const sigma = leads.map((lead, a) => embedded(selves[a].sigma, lead.orbitals, n, true));
    const dSigma = leads.map((lead, a) => embedded(selves[a].derivative, lead.orbitals, n, true));
    const total = sigma.reduce((sum, s) => add(sum, s), zeros(n, n));
    const slope = dSigma.reduce((sum, s) => add(sum, s, -1), overlap);
    const G = inverse(add(add(scaled(overlap, re, im), H, -1), total, -1));
    const dG = () => scaled(multiply(G, slope, G), -1);
    return { selves, sigma, dSigma, total, slope, G, dG };
  }

  function point(energy: number): DensePoint {
    const { selves, sigma, dSigma, slope, G, dG } = green(energy, 0);
    const vectors = leads.map((lead, a) => leadVectors(lead, selves[a]));
    const W = besides(
      vectors.map((v, a) => embedded(v.W, leads[a].orbitals, n, false)),
      n,
    );
    const dW = besides(
      vectors.map((v, a) => embedded(v.dW, leads[a].orbitals, n, false)),
      n,
    );
    const channelLead = Int32Array.from(
      vectors.flatMap((v, a) => Array.from({ length: v.W.shape[1] }, () => a)),
    );
    const psi = multiply(G, W);
    const dPsi = multiply(G, add(dW, multiply(slope, psi), -1));
    const S = add(scalar(channelLead.length), multiply(adjoint(W), psi), 0, -2 * Math.PI);
    const inner = add(multiply(adjoint(dW), psi), multiply(adjoint(W), dPsi));
    const dS = scaled(inner, 0, -2 * Math.PI);
    return { G, dG, sigma, dSigma, W, dW, channelLead, psi, dPsi, S, dS };
  }

  function solve(energy: number, _options: PointRequest): ScatteringPoint {
    const { G, S, dS, psi, dPsi, channelLead } = point(energy);
    const bra = scaled(adjoint(psi), 2 * Math.PI);
    const antisymmetricFriction: Float64Array[] = [];
    for (let nu = 0; nu < lambda.length; nu++) {
      for (let mu = nu + 1; mu < lambda.length; mu++)
        antisymmetricFriction.push(lorentzPair(G, psi, dPsi, lambda[nu], lambda[mu]));
    }
    return {
      channels: channelLead.length,
      channelLead,
      S: S.data,
      dSdE: dS.data,
      K: lambda.map((l) => multiply(bra, l, psi).data),
      P: lambda.map((l) => multiply(bra, l, dPsi).data),
      antisymmetricFriction,
      unitarityDefect: distance(multiply(adjoint(S), S), scalar(channelLead.length)),
    };
  }

  const solver: DenseDevice = {
    leads: leads.map((lead) => lead.name),
    probes: leads.map((lead) => lead.kind === "probe"),
    reciprocal: isReciprocal(model),
    directions: model.device.parameters.length,
    configure(values, tangent) {
      const now = denseHamiltonian(model, values);
      H = now.H;
      lambda = now.lambda;
      if (tangent) lambda = [lambda.reduce((sum, l, nu) => add(sum, l, tangent[nu]), zeros(n, n))];
      solver.directions = lambda.length;
    },
    solve,
    solveEach: (energies, count, options, visit) => solveOneByOne({ solve }, energies, count, options, visit),
    solveRefined: () => undefined,
    surfaceLevels: () => [],
    lostAt: () => 0,
    edgeLow: () => 0,
    roundedScale: () => solver.energyScale(),
    lambdaError: () => ({ absolute: 0, relative: 0 }),
    refines: false,
    refinedEnergies: 1,
    cheapTraces: false,
    forgetMerges: () => undefined,
    pairTables: () => undefined,
    pairs: false,
    batch: undefined,
    budget: undefined,
    operations: 0,
    limits: undefined,
    traceGreenEach: (re, im, count, visit) => {
      for (let k = 0; k < count; k++) visit(solver.traceGreen(re, im[k]), k);
    },
    traceLambda: () => Float64Array.from(lambda, (l) => traceOfProduct(l, inverse(overlap))[0]),
    traceGreen: (re, im) => {
      const { G } = green(re, im);
      return Float64Array.from(lambda.flatMap((l) => traceOfProduct(l, G)));
    },
    curlGreen: (re, im) => {
      const { G, dG } = green(re, im);
      const [along, slopes] = [G, dG()].map((matrix) => lambda.map((l) => multiply(l, matrix)));
      const pairs: number[] = [];
      for (let nu = 0; nu < lambda.length; nu++) {
        for (let mu = nu + 1; mu < lambda.length; mu++) {
          const a = traceOfProduct(slopes[nu], along[mu]);
          const b = traceOfProduct(along[nu], slopes[mu]);
          pairs.push((a[0] - b[0]) / 2, (a[1] - b[1]) / 2);
        }
      }
      return Float64Array.from(pairs);
    },
    certainEigenvaluesBelow: (energy) => solver.eigenvaluesBelow(energy),
    eigenvaluesBelow: (energy) => {
      const selves = selfEnergies(energy, 0);
      const total = leads.reduce(
        (sum, lead, a) => add(sum, embedded(selves[a].sigma, lead.orbitals, n, true)),
        zeros(n, n),
      );
      const effective = add(H, scaled(add(total, adjoint(total)), 0.5));
      return hermitianEigen(add(effective, overlap, -energy)).values.filter((value) => value < 0).length;
    },
    energyScale: () => {
      return n * (distance(H) + distance(green(0, 1).total)) + Math.max(0, ...distinctEdges.map(Math.abs));
    },
    lambdaScale: () => n * Math.max(0, ...lambda.map((l) => distance(l))),
    bandEdges: () => distinctEdges,
    lambda: () => lambda,
    hamiltonian: () => H,
    point,
  };
  solver.configure(new Float64Array(model.device.parameters.length));
  return solver;
}

/** y_a and b_a of point.ts for one pair of directions. */
function lorentzPair(
  G: ComplexMatrix,
  psi: ComplexMatrix,
  dPsi: ComplexMatrix,
  first: ComplexMatrix,
  second: ComplexMatrix,
): Float64Array {
  const [phi1, phi2] = [multiply(G, first, psi), multiply(G, second, psi)];
  const y = add(multiply(adjoint(psi), first, phi2), multiply(adjoint(psi), second, phi1), -1);
  const b = add(multiply(adjoint(phi1), second, dPsi), multiply(adjoint(phi2), first, dPsi), -1);
  const m = psi.shape[1];
  const result = new Float64Array(2 * m);
  for (let a = 0; a < m; a++) {
    result[2 * a] = 2 * Math.PI * y.data[2 * (a * m + a) + 1];
    result[2 * a + 1] = 4 * Math.PI * b.data[2 * (a * m + a) + 1];
  }
  return result;
}

/** No imaginary parts anywhere. (Complex phases that a gauge would remove are not recognised; that only costs time.) */
function isReciprocal(model: ResolvedModel): boolean {
  const { hamiltonian, parameters, leads } = model.device;
  const real = (values: Float64Array) => values.every((value) => value === 0);
  const realMatrix = (a: ComplexMatrix) => a.data.every((value, i) => i % 2 === 0 || value === 0);
  return (
    real(hamiltonian.im) &&
    real(model.device.overlap?.im ?? new Float64Array()) &&
    parameters.every((parameter) => real(parameter.derivative.im)) &&
    leads.every((lead) => {
      if (lead.kind === "chain") return true;
      if (lead.kind === "self-energy") return false;
      if (lead.kind !== "periodic") return realMatrix(lead.width);
      return realMatrix(lead.onsite) && realMatrix(lead.hopping) && realMatrix(lead.coupling);
    })
  );
}
