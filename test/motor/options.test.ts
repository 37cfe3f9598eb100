// Options, settings and curves of the motor's functions: what is none is refused with its field, as for the questions of a device.

import { expect, test } from "vitest";
import * as library from "../../src/index.js";
import { InputError, PeriodicCurve } from "../../src/index.js";

// biome-ignore lint/suspicious/noExplicitAny: calls of an unchecked program
const loose = library as any;
const curve = {
  torque: PeriodicCurve.from((theta) => 0.3 + 0.1 * Math.sin(theta), 16),
  friction: PeriodicCurve.constant(0.5),
  noise: PeriodicCurve.constant(0.1),
};
const transport = {
  ...curve,
  leads: ["left"],
  chemicalPotential: [0],
  temperature: [0.1],
  current: [PeriodicCurve.constant(0)],
  currentPerVelocity: [PeriodicCurve.constant(0)],
};
const rotor = { inertia: 20 };
const system = { curve, rotor };
const family = (load: number) => ({ curve, rotor: { ...rotor, load } });
const springs = {
  mass: [1],
  force: (x: Float64Array, out: Float64Array) => {
    out[0] = -x[0];
  },
  friction: (_x: Float64Array, out: Float64Array) => {
    out[0] = 0.1;
  },
};
const begin = { time: 1, position: [1] };
const search = { transient: 10, position: [1] };

function refused(call: () => unknown, field: string, near?: string): void {
  let error: unknown;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  expect(error, `${field}: ${error}`).toBeInstanceOf(InputError);
  expect((error as InputError).field).toBe(field);
  if (near) expect((error as InputError).message).toContain(`Did you mean "${near}"?`);
}

/** Each function with a place for a system, and one for a rotor alone. */
const ofSystem: [string, (system: unknown) => unknown][] = [
  ["steadyStates", (given) => loose.steadyStates(given)],
  ["lockedAngles", (given) => loose.lockedAngles(given)],
  ["simulateRotor", (given) => loose.simulateRotor(given, { time: 1 })],
  ["fokkerPlanck", (given) => loose.fokkerPlanck(given)],
  ["overdampedFokkerPlanck", (given) => loose.overdampedFokkerPlanck(given)],
  ["stallLoad", (given) => loose.stallLoad(given)],
  ["startControl", (given) => loose.startControl(() => given, { from: 0, to: 1 })],
  ["retrappingControl", (given) => loose.retrappingControl(() => given, 1, { from: 0, to: 1 })],
  ["hysteresisLoop", (given) => loose.hysteresisLoop(() => given, [0])],
];
const ofRotor: [string, (rotor: unknown) => unknown][] = [
  ...ofSystem.map(([name, call]): [string, (rotor: unknown) => unknown] => [
    name,
    (given) => call({ curve, rotor: given }),
  ]),
  ["loadCurve", (given) => loose.loadCurve(transport, given, [0])],
  ["loadExtrema", (given) => loose.loadExtrema(transport, given)],
  ["quadrantMap", (given) => loose.quadrantMap(() => transport, given, [0], [0])],
  ["thermodynamics", (given) => loose.thermodynamics(transport, given, { angle: 0 })],
  ["steadyThermodynamics", (given) => loose.steadyThermodynamics(transport, given)],
];

test("systems and rotors", () => {
  expect.hasAssertions();
  for (const [, call] of ofSystem) {
    for (const none of [null, 3, [], new Map(), () => {}]) refused(() => call(none), "system");
    refused(() => call({ curve }), "rotor");
    refused(() => call({ rotor }), "curve");
    refused(() => call({ ...system, Curve: curve }), "Curve", "curve");
    refused(() => call({ rotor, curve: { ...curve, torque: [1, 2] } }), "curve.torque");
    refused(() => call({ rotor, curve: { torque: curve.torque } }), "curve.friction");
  }
  for (const [, call] of ofRotor) {
    refused(() => call({ inertia: 20, laod: 3 }), "rotor.laod", "load");
    refused(() => call({ Inertia: 20 }), "rotor.Inertia", "inertia");
    refused(() => call({ inertia: "20" }), "rotor.inertia");
    refused(() => call({ inertia: 20, friction: -1 }), "rotor.friction");
    refused(() => call({ inertia: 20, temperature: null }), "rotor.temperature");
  }
});

test("options", () => {
  const cases: [(options: unknown) => unknown, object, [string, unknown, string?][]][] = [
    [
      (o) => loose.simulateRotor(system, o),
      { time: 1 },
      [
        ["tiem", 1, "time"],
        ["time", "1"],
        ["time", 0],
        ["records", 1],
        ["records", 1e12],
        ["tolerance", 0],
        ["angle", null],
        ["until", 3],
        ["until", []],
      ],
    ],
    [
      (o) => loose.fokkerPlanck(system, o),
      {},
      [
        ["tolerence", 1, "tolerance"],
        ["work", "1"],
        ["wrok", 1, "work"],
      ],
    ],
    [
      (o) => loose.overdampedFokkerPlanck(system, o),
      {},
      [
        ["tolerence", 1, "tolerance"],
        ["tolerance", 2],
      ],
    ],
    [
      (o) => loose.steadyStates(system, o),
      {},
      [
        ["tolerence", 1, "tolerance"],
        ["tolerance", null],
      ],
    ],
    [
      (o) => loose.hysteresisLoop(family, [0, 1], o),
      {},
      [
        ["angel", 1, "angle"],
        ["angle", "0"],
      ],
    ],
    [
      (o) => loose.simulateCoordinates(springs, o),
      begin,
      [
        ["postion", 1, "position"],
        ["position", 3],
        ["position", new Set([1])],
        ["position", ["1"]],
        ["velocity", { length: 1 }],
        ["records", 1],
        ["seed", -1],
        ["step", 0],
        ["tolerance", "1"],
      ],
    ],
    [
      (o) => loose.limitCycle(springs, o),
      search,
      [
        ["transiant", 1, "transient"],
        ["transient", 0],
        ["returns", 0.5],
        ["position", null],
      ],
    ],
  ];
  for (const [call, least, wrong] of cases) {
    for (const none of [null, 3, "time", [], new Map()]) refused(() => call(none), "options");
    for (const [key, value, near] of wrong) {
      const field = Array.isArray(value) && key === "position" ? "position[0]" : key;
      refused(() => call({ ...least, [key]: value }), field, near);
    }
  }
  refused(() => loose.simulateRotor(system, { time: 1, until: { turn: 1 } }), "until.turn", "turns");
  refused(() => loose.simulateCoordinates({ ...springs, masss: [1] }, begin), "masss", "mass");
  refused(() => loose.simulateCoordinates({ mass: [1], force: springs.force }, begin), "friction");
  for (const [range, field] of [
    [{ from: 0 }, "range.to"],
    [{ from: 0, to: 1, step: 3 }, "range.step"],
    [{ from: 0, to: "1" }, "range.to"],
    [{ from: 0, to: 1, steps: 0 }, "range.steps"],
    [null, "range"],
    [3, "range"],
  ] as const) {
    refused(() => loose.startControl(family, range), field);
    refused(() => loose.retrappingControl(family, 1, range), field);
  }
});

test("arguments by place", () => {
  refused(() => loose.startControl(system, { from: 0, to: 1 }), "family");
  refused(() => loose.retrappingControl(family, 0, { from: 0, to: 1 }), "direction");
  refused(() => loose.hysteresisLoop(family, new Set([1])), "controls");
  refused(() => loose.loadCurve(transport, rotor, 3), "loads");
  refused(() => loose.loadCurve(transport, rotor, [Number.NaN]), "loads[0]");
  refused(() => loose.loadCurve(null, rotor, [0]), "curve");
  refused(() => loose.quadrantMap(transport, rotor, [0], [0]), "curveAt");
  refused(() => loose.quadrantMap(() => transport, rotor, { length: 1 }, [0]), "biases");
  refused(() => loose.bestSpeedProfile([1, 2], 1), "friction");
  refused(() => loose.bestSpeedProfile(curve.friction, "1"), "period");
  refused(() => loose.bestSpeedProfile(curve.friction, 1, 0), "tolerance");
  refused(() => loose.stallLoad(system, "1"), "tolerance");
  refused(() => loose.thermodynamics(null, rotor, { angle: 0 }), "curve");
  refused(() => loose.thermodynamics(curve, rotor, { angle: 0 }), "curve.leads");
  refused(() => loose.thermodynamics({ ...transport, current: [] }, rotor, { angle: 0 }), "curve.current");
  refused(() => loose.thermodynamics(transport, rotor, 3), "motion");
  refused(() => loose.orbitAverage(null, () => 1), "orbit");
  for (const none of [null, undefined, 3, [], {}]) refused(() => new loose.PeriodicCurve(none), "samples");
});
