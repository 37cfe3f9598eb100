// Uniform rotation (infinite inertia) and the powers that go with a motion: electrical input, mechanical output, and where the rest goes.
//
//   omega = (W - 2 pi load) / loop (gamma + gamma_ext) dtheta
//   P_in = sum_a mu_a <J_a>, J_a = order 0 + order 1 x speed;   P_out = load <omega>
//   dissipation: frozen sum_a mu_a <J_a, order 0>, electronic friction <gamma omega^2>, external friction <gamma_ext omega^2>
//
// In linear response without a magnetic field the three add up to P_in - P_out; beyond it heat that the moving device carries between the
// reservoirs comes on top. Probes take no current and no power. Averages over time are sums over the nodes of an orbit.

import type { TurnCurve } from "./curve.js";

/** A periodic motion as time averages need it: nodes with their share of the period, and the speed there. */
export interface Motion {
  angle: ArrayLike<number>;
  /** Fractions of the period; they sum to one. */
  share: ArrayLike<number>;
  velocity: ArrayLike<number>;
}

/** Energy per time. */
export interface Powers {
  powerIn: number;
  powerOut: number;
  /** powerOut / powerIn where both are positive. */
  efficiency?: number;
  dissipation: { frozen: number; electronicFriction: number; externalFriction: number };
}

/** Angular speed of uniform rotation; 0 where the net work per turn is below its own error; undefined if friction does not brake. */
export function uniformVelocity(
  curve: TurnCurve,
  load: number,
  externalFriction: number,
): number | undefined {
  const drive = curve.torque.mean - load;
  const friction = curve.friction.mean + externalFriction;
  const resolution = Math.max(curve.error, 1e-15) * Math.max(curve.torque.scale, Math.abs(load));
  if (Math.abs(drive) <= resolution) return 0;
  return friction > 0 ? drive / friction : undefined;
}

/** Powers of uniform rotation, exact turn averages. */
export function uniformPowers(
  curve: TurnCurve,
  omega: number,
  load: number,
  externalFriction: number,
): Powers {
  const frozen = electrical(curve, (a) => curve.current[a].mean);
  const moving = electrical(curve, (a) => curve.currentPerVelocity[a].mean);
  return powers(frozen, frozen + omega * moving, load * omega, {
    electronic: curve.friction.mean * omega * omega,
    external: externalFriction * omega * omega,
  });
}

/** Powers of a periodic motion from its nodes; at rest one node with speed 0. */
export function motionPowers(
  curve: TurnCurve,
  motion: Motion,
  load: number,
  externalFriction: number,
): Powers {
  let [frozen, input, output, electronic, external] = [0, 0, 0, 0, 0];
  for (let i = 0; i < motion.angle.length; i++) {
    const [theta, share, omega] = [motion.angle[i], motion.share[i], motion.velocity[i]];
    const still = electrical(curve, (a) => curve.current[a].value(theta));
    const moving = electrical(curve, (a) => curve.currentPerVelocity[a].value(theta));
    frozen += share * still;
    input += share * (still + omega * moving);
    output += share * load * omega;
    electronic += share * curve.friction.value(theta) * omega * omega;
    external += share * externalFriction * omega * omega;
  }
  return powers(frozen, input, output, { electronic, external });
}

/** sum over reservoirs of mu_a times a current. */
function electrical(curve: TurnCurve, current: (lead: number) => number): number {
  let sum = 0;
  for (let a = 0; a < curve.leads.length; a++)
    if (!curve.probes[a]) sum += curve.chemicalPotential[a] * current(a);
  return sum;
}

function powers(
  frozen: number,
  powerIn: number,
  powerOut: number,
  friction: { electronic: number; external: number },
): Powers {
  return {
    powerIn,
    powerOut,
    ...(powerIn > 0 && powerOut > 0 ? { efficiency: powerOut / powerIn } : {}),
    dissipation: {
      frozen,
      electronicFriction: friction.electronic,
      externalFriction: friction.external,
    },
  };
}
