// Everything that the curves need at one angle of a turn: forces, the conservative torque, the delay
// of linear response, and the numbers of levels. The answer depends on the angle, on the tolerance
// and on the trail of an earlier angle that the caller names, and on nothing else. Any thread
// therefore finds the same bits, whatever it has computed before.

import { InputError } from "../../base/errors.js";
import { meanReservoir } from "../../model/reservoirs.js";
import type { Reservoir } from "../../model/types.js";
import type { Trail } from "../../numerics/quadrature/trail.js";
import type { PointSolver } from "../../scattering/contract.js";
import type { Divergence } from "../../transport/energy/divergence.js";
import { ForceCalculator } from "../../transport/forces/forces.js";
import { setScaleFloors } from "../../transport/forces/layout.js";
import type { Dephasing } from "../../transport/forces/options.js";
import type { Forces } from "../../transport/forces/result.js";
import { quantities } from "../../transport/forces/result.js";
import { SeaIntegrator, type SeaScale } from "../../transport/forces/sea/sea.js";

/** What all angles of a turn have in common. It is plain data. */
export interface AngleSetting {
  /** Reservoir of each lead; undefined for probes. */
  reservoirs: readonly (Reservoir | undefined)[];
  dephasing: Dephasing | undefined;
  /** Reservoir at which linear response is computed as well. */
  response: Reservoir | undefined;
  /** The mean reservoir, if the same energies also tell the conservative torque. */
  equilibrium: Reservoir | undefined;
  /** True if all reservoirs are equal, so that the torque is the conservative one. */
  equal: boolean;
}

/**
 * The setting for these reservoirs. `solver` is configured. Linear response at `response` is
 * computed if the same energies allow it.
 */
export function angleSetting(
  solver: PointSolver,
  reservoirs: readonly (Reservoir | undefined)[],
  dephasing: Dephasing | undefined,
  response: Reservoir | undefined,
): AngleSetting {
  const given = reservoirs.filter((reservoir) => reservoir !== undefined);
  const probed = given.length < solver.leads.length;
  const warm = !probed && given.every(({ temperature }) => temperature > 0);
  const cold = !probed && given.every(({ temperature }) => temperature === 0);
  const equal = given.every(
    ({ chemicalPotential: mu, temperature: t }) =>
      mu === given[0].chemicalPotential && t === given[0].temperature,
  );
  // At T = 0 the conservative torque takes a further step inside the window, which is worth it
  // unless an integral over the sea is cheaper still.
  const shared = (warm || (cold && !solver.cheapTraces)) && !solver.limits;
  return {
    reservoirs,
    dephasing,
    // The errors of a given S are known for what is judged, not for linear response.
    response: warm && !solver.limits ? response : undefined,
    equilibrium: shared && !equal ? meanReservoir(given) : undefined,
    equal,
  };
}

/** One angle. It is plain data. */
export interface AngleTask {
  theta: number;
  /** The parameters at the angle, and their derivatives by it. */
  values: Float64Array;
  tangent: Float64Array;
  tolerance: number;
  /** Whether quantities that rounding spoils are computed again in higher precision. */
  refines: boolean;
  /** The trail of a similar angle, whose panels the integrals begin with. */
  after: Trail | undefined;
}

/** The findings at one angle. They are plain data. */
export interface AngleResult {
  forces: Forces;
  conservativeTorque: number;
  /** Least scale per group of quantities. */
  floors: Float64Array;
  /** Delay and defect of unitarity at the chemical potential of linear response, if it is computed. */
  response?: { delay: number; unitarityDefect: number };
  /** Numbers of levels below the cold chemical potentials. */
  levels: number[];
  evaluations: number;
  trail: Trail;
}

/** Computes one angle after the other with one solver, and keeps the buffers. */
export class AngleMeter {
  readonly setting: AngleSetting;
  /** The reservoirs of all leads that are not probes. */
  readonly given: readonly Reservoir[];
  readonly mean: Reservoir;
  /** Chemical potentials of cold reservoirs, without duplicates. */
  readonly cold: readonly number[];
  readonly #solver: PointSolver;
  readonly #names: readonly string[];
  readonly #calculator: ForceCalculator;
  readonly #sea: SeaIntegrator;
  readonly #seaScale: SeaScale = { force: new Float64Array(1), friction: 0 };

  /** `solver` has one direction. `names` are those of the parameters. */
  constructor(solver: PointSolver, names: readonly string[], setting: AngleSetting) {
    const { reservoirs, response, equilibrium } = setting;
    this.setting = setting;
    this.#solver = solver;
    this.#names = names;
    this.given = reservoirs.filter((reservoir) => reservoir !== undefined);
    this.mean = meanReservoir(this.given);
    this.cold = [
      ...new Set(
        this.given.flatMap(({ temperature, chemicalPotential }) =>
          temperature === 0 ? [chemicalPotential] : [],
        ),
      ),
    ];
    this.#sea = new SeaIntegrator(solver);
    const series = { response, equilibrium, following: true, throughDivergences: true };
    this.#calculator = new ForceCalculator(solver, series);
  }

  /** The findings at an angle. Throws NumericalError if the integrals do not converge. */
  measure({ theta, values, tangent, tolerance, refines, after }: AngleTask): AngleResult {
    const solver = this.#solver;
    const calculator = this.#calculator;
    const { reservoirs, dephasing, response } = this.setting;
    solver.configure(values, tangent);
    calculator.trail = after;
    calculator.refines = refines;
    calculator.place = () => ({
      at: Object.fromEntries(this.#names.map((name, nu) => [name, values[nu]])),
      angle: ` at theta = ${theta}`,
    });
    const forces = calculator.compute(reservoirs, { tolerance, dephasing });
    if (forces.withoutA)
      throw new InputError(
        "device.scattering",
        "the motor at a bias needs A, which is not given beside this S",
        {
          expected: "A beside S, or equal reservoirs",
          found: "S alone",
        },
      );
    const floors = this.#floors();
    const { torque: conservativeTorque, evaluations } = this.#conservative(forces, tolerance);
    return {
      forces,
      conservativeTorque,
      floors,
      ...(response && forces.response && { response: this.#delay(response) }),
      levels: this.levelsBelow(),
      evaluations: forces.evaluations + evaluations,
      trail: calculator.trail,
    };
  }

  /** The quantities that diverge at the solver's configuration. */
  divergences(tolerance: number): Divergence[] {
    const { reservoirs, dephasing } = this.setting;
    return this.#calculator.divergences(reservoirs, { tolerance, dephasing });
  }

  /** Numbers of levels below the cold chemical potentials at the solver's configuration. */
  levelsBelow(): number[] {
    return this.cold.map((mu) => this.#solver.eigenvaluesBelow(mu));
  }

  /** The range from the lowest to the highest chemical potential, extended by `reach` times T. */
  span(reach: number): [low: number, high: number] {
    return [
      Math.min(...this.given.map((r) => r.chemicalPotential - reach * r.temperature)),
      Math.max(...this.given.map((r) => r.chemicalPotential + reach * r.temperature)),
    ];
  }

  /** Torque of the sea in equilibrium at the mean reservoir, and the energies that it took. */
  #conservative(
    { force, equilibriumForce }: Forces,
    tolerance: number,
  ): { torque: number; evaluations: number } {
    if (equilibriumForce) return { torque: equilibriumForce[0], evaluations: 0 };
    if (this.setting.equal) return { torque: force[0], evaluations: 0 };
    this.#seaScale.force[0] = Math.abs(force[0]);
    const { chemicalPotential, temperature } = this.mean;
    const sea = this.#sea.compute(chemicalPotential, temperature, tolerance, this.#seaScale);
    return { torque: sea.force[0], evaluations: sea.evaluations };
  }

  #delay({ chemicalPotential }: Reservoir): { delay: number; unitarityDefect: number } {
    const { dSdE, channels, unitarityDefect } = this.#solver.solve(chemicalPotential, {
      energyDerivative: true,
    });
    let square = 0;
    for (let i = 0; i < 2 * channels * channels; i++) square += dSdE[i] * dSdE[i];
    return { delay: Math.sqrt(square), unitarityDefect };
  }

  /** The least scales of error of the force calculation at this angle. */
  #floors(): Float64Array {
    const solver = this.#solver;
    const [low, high] = this.span(4);
    const floors = new Float64Array(quantities.length);
    setScaleFloors(floors, solver.lambdaScale(), solver.energyScale(), Math.max(high - low, 0));
    return floors;
  }
}
