// Files as Wannier90 writes them, made here from known models: bands, transmissions and derivatives come out as from the
// matrices themselves.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type CrystalOptions, readWannier90, wannier90Model } from "../../src/import/index.js";
import { InputError, loadEngine } from "../../src/index.js";
import { nanopinwheel } from "../cli/command.js";

type Complex = [re: number, im: number];
type Vector = [number, number, number];
/** H(R), without degeneracies: row m, column n. */
type Crystal = Map<string, Complex[][]>;

const folder = mkdtempSync(join(tmpdir(), "nanopinwheel-import-"));
afterAll(() => rmSync(folder, { recursive: true }));

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 1073741823.5 - 1;
  };
}

/** A crystal with H(-R) = H(R)^+, complex, with hoppings up to `range` along axis 1 and one along axis 2. */
function randomCrystal(size: number, range: number, seed: number): Crystal {
  const next = random(seed);
  const crystal: Crystal = new Map();
  for (let r = -range; r <= range; r++)
    for (let s = -1; s <= 1; s++) {
      const [there, back] = [`${r} ${s} 0`, `${-r} ${-s} 0`];
      if (crystal.has(there)) continue;
      const scale = 1 / (1 + r * r + s * s);
      const matrix = Array.from({ length: size }, () =>
        Array.from({ length: size }, (): Complex => [scale * next(), scale * next()]),
      );
      const turned = matrix.map((_, m) => matrix.map((row): Complex => [row[m][0], -row[m][1]]));
      if (there === back)
        crystal.set(
          there,
          matrix.map((row, m) =>
            row.map(([re, im], n): Complex => [re + turned[m][n][0], im + turned[m][n][1]]),
          ),
        );
      else crystal.set(there, matrix).set(back, turned);
    }
  return crystal;
}

/** The file: each element times the degeneracy of its vector, which differs from vector to vector. */
function fileOf(crystal: Crystal): string {
  const blocks = [...crystal].map(([vector, matrix], i) => ({ vector, matrix, degeneracy: 1 + (i % 4) }));
  const lines = ["written by a test", String(blocks[0].matrix.length), String(blocks.length)];
  for (let i = 0; i < blocks.length; i += 15)
    lines.push(
      blocks
        .slice(i, i + 15)
        .map(({ degeneracy }) => `    ${degeneracy}`)
        .join(""),
    );
  for (const { vector, matrix, degeneracy } of blocks)
    for (let n = 0; n < matrix.length; n++)
      for (let m = 0; m < matrix.length; m++) {
        const [re, im] = matrix[m][n].map((part) => part * degeneracy);
        lines.push(`  ${vector}  ${m + 1}  ${n + 1}  ${re}  ${im}`);
      }
  return `${lines.join("\n")}\n`;
}

const honeycomb: Crystal = new Map([
  [
    "0 0 0",
    [
      [
        [0.1, 0],
        [-1, 0],
      ],
      [
        [-1, 0],
        [-0.1, 0],
      ],
    ],
  ],
  [
    "1 0 0",
    [
      [
        [0, 0.1],
        [0, 0],
      ],
      [
        [-1, 0],
        [0, -0.1],
      ],
    ],
  ],
  [
    "-1 0 0",
    [
      [
        [0, -0.1],
        [-1, 0],
      ],
      [
        [0, 0],
        [0, 0.1],
      ],
    ],
  ],
  [
    "0 1 0",
    [
      [
        [0, -0.1],
        [0, 0],
      ],
      [
        [-1, 0],
        [0, 0.1],
      ],
    ],
  ],
  [
    "0 -1 0",
    [
      [
        [0, 0.1],
        [-1, 0],
      ],
      [
        [0, 0],
        [0, -0.1],
      ],
    ],
  ],
] as [string, Complex[][]][]);

/** Tr H(k)^p for p = 1, 2 at a Bloch vector along axis 1, straight from the crystal. */
function moments(crystal: Crystal, k1: number, k2: number): [number, number] {
  const size = crystal.get("0 0 0")!.length;
  const h = Array.from({ length: size }, () => Array.from({ length: size }, (): Complex => [0, 0]));
  for (const [vector, matrix] of crystal) {
    const [r, s] = vector.split(" ").map(Number) as Vector;
    const [cos, sin] = [Math.cos(2 * Math.PI * (k1 * r + k2 * s)), Math.sin(2 * Math.PI * (k1 * r + k2 * s))];
    for (const [m, row] of matrix.entries())
      for (const [n, [re, im]] of row.entries()) {
        h[m][n][0] += cos * re - sin * im;
        h[m][n][1] += cos * im + sin * re;
      }
  }
  const square = h.flat().reduce((sum, [re, im]) => sum + re * re + im * im, 0);
  return [h.reduce((sum, row, m) => sum + row[m][0], 0), square];
}

/** The imported device at one energy. */
async function transmitted(text: string, options: CrystalOptions, energy: number) {
  const { model } = wannier90Model(text, options);
  const device = (await loadEngine()).device(model);
  const answer = device.scatter({ energy });
  device.close();
  return { model, answer };
}

test.each([1, 2, 3])(
  "hoppings over %i cells: a perfect wire transmits every channel, whichever side it enters",
  async (range) => {
    let open = 0;
    for (const seed of [11, 12, 13]) {
      const text = fileOf(randomCrystal(2, range, seed));
      for (const energy of [-0.7, 0.1, 0.8]) {
        const { answer, model } = await transmitted(text, { axis: 1, cells: 4, k: [0.13, 0] }, energy);
        const [to, from] = [answer.transmission.right?.left ?? 0, answer.transmission.left?.right ?? 0];
        // An integer by perfection; a lead in the wrong direction would be another crystal, and reflect.
        expect(Math.abs(to - Math.round(to))).toBeLessThan(1e-9);
        expect(Math.abs(from - to)).toBeLessThan(1e-9);
        expect(answer.channels.filter((lead) => lead === "left")).toHaveLength(Math.round(to));
        expect(model.device).toMatchObject({ orbitals: 8 });
        open += Math.round(to);
      }
    }
    expect(open).toBeGreaterThan(3);
  },
);

test("the bands are those of the file, degeneracies divided out and transverse phases included", () => {
  for (const crystal of [randomCrystal(3, 2, 5), honeycomb]) {
    const { model } = wannier90Model(fileOf(crystal), { axis: 1, cells: 5, k: [0.21, 0] });
    const lead = (model.device as unknown as { leads: unknown[] }).leads[1] as {
      onsite: number[][];
      hopping?: number[][];
      hoppings?: number[][][];
    };
    for (const k1 of [0, 0.17, -0.4]) {
      const folded: Crystal = new Map();
      const size = crystal.get("0 0 0")!.length;
      const put = (key: string, list: number[][], hermitian: boolean) => {
        const matrix = Array.from({ length: size }, () =>
          Array.from({ length: size }, (): Complex => [0, 0]),
        );
        for (const [m, n, re, im = 0] of list) {
          matrix[m][n] = [re, im];
          if (hermitian && m !== n) matrix[n][m] = [re, -im];
        }
        folded.set(key, matrix);
        return matrix;
      };
      put("0 0 0", lead.onsite, true);
      (lead.hoppings ?? [lead.hopping!]).forEach((list, i) => {
        const matrix = put(`${i + 1} 0 0`, list, false);
        folded.set(
          `${-i - 1} 0 0`,
          matrix.map((_, m) => matrix.map((row): Complex => [row[m][0], -row[m][1]])),
        );
      });
      moments(folded, k1, 0).forEach((moment, i) => {
        expect(moment).toBeCloseTo(moments(crystal, k1, 0.21)[i], 10);
      });
    }
  }
});

test("another number of cells is the same wire: the same transmission, and derivative, about the same gate", async () => {
  const engine = await loadEngine();
  let reflecting = 0;
  for (const seed of [11, 12, 13])
    for (const fermi of [-0.9, -0.3, 0.3, 0.9]) {
      const text = fileOf(randomCrystal(2, 2, seed));
      const [short, long] = [4, 7].map((cells) => {
        const gates = { x: { cells: [1, 2] }, y: [2, 3] };
        const { model } = wannier90Model(text, { axis: 1, cells, gates, k: [0.13, 0], fermi });
        const answer = engine.device(model).scatter({ energy: 0, at: { x: 0.4 } });
        // Tr (dS/dy)^+ dS/dy does not depend on the bases of the channels, which differ with the place of the lead.
        const slope = answer.dS.y.data.reduce((sum, part) => sum + part * part, 0);
        return { into: answer.transmission.right?.left ?? 0, slope };
      });
      expect(long.into).toBeCloseTo(short.into, 9);
      expect(Math.abs(long.slope - short.slope)).toBeLessThan(1e-8 * (1 + short.slope));
      if (Math.abs(short.into - Math.round(short.into)) > 0.01) reflecting++;
    }
  expect(reflecting).toBeGreaterThan(1);
});

test("the command writes a model that the command reads", async () => {
  const file = join(folder, "honeycomb_hr.dat");
  writeFileSync(file, fileOf(honeycomb));
  const args = [
    "import",
    "wannier90",
    file,
    "--axis",
    "1",
    "--cells",
    "3",
    "--k",
    "0.1,0",
    "--gate",
    "x=0-1,3",
    "y=cells:2",
    "--fermi",
    "0.05",
  ];
  const { status, stdout, stderr } = await nanopinwheel(args);
  expect([status, stderr]).toEqual([0, ""]);
  const scattered = await nanopinwheel(["scatter", "-", "--energy", "1.5", "--json"], stdout);
  expect(scattered.status).toBe(0);
  expect(JSON.parse(scattered.stdout).dS).toHaveProperty("y");
});

test("a range that cuts hoppings off says how large they were", async () => {
  const crystal = randomCrystal(2, 3, 4);
  const file = join(folder, "long_hr.dat");
  writeFileSync(file, fileOf(crystal));
  const cut = wannier90Model(fileOf(crystal), { axis: 1, cells: 3, range: 1 });
  expect(cut.range).toBe(1);
  expect(cut.dropped).toBeGreaterThan(0.05);
  const { stderr } = await nanopinwheel([
    "import",
    "wannier90",
    file,
    "--axis",
    "1",
    "--cells",
    "3",
    "--range",
    "1",
  ]);
  expect(stderr).toContain(`the largest ${cut.dropped.toPrecision(3)}`);
});

test("a damaged file is refused by its line, a wrong option by its name", async () => {
  const lines = fileOf(honeycomb).split("\n");
  const damaged: [change: (copy: string[]) => void, field: string][] = [
    [(copy) => copy.splice(9), "f line 10"],
    [(copy) => copy.splice(3), "f line 4"],
    [(copy) => copy.splice(0), "f line 2"],
    [(copy) => void copy.splice(6, 1, "0 0 0 2 1 x 0"), "f line 7"],
    [(copy) => void copy.splice(6, 1, copy[5]), "f line 7"],
    [(copy) => void copy.splice(6, 1, "0 0 0 1 3 0 0"), "f line 7"],
    [(copy) => void copy.splice(6, 1, "0 5 0 1 2 0 0"), "f line 7"],
    [(copy) => void copy.splice(2, 1, "1e9"), "f line 3"],
    [(copy) => void copy.splice(3, 1, "1 2 0 3 4"), "f line 4"],
    [(copy) => void copy.push("more"), `f line ${lines.length}`],
  ];
  for (const [change, field] of damaged) {
    const copy = lines.slice(0, -1);
    change(copy);
    let found: unknown;
    try {
      readWannier90(copy.join("\n"), "f");
    } catch (error) {
      found = error;
    }
    expect(found, field).toBeInstanceOf(InputError);
    expect((found as InputError).field).toBe(field);
  }
  const skew = new Map(honeycomb).set("1 0 0", honeycomb.get("0 0 0")!);
  const good = { axis: 1 as const, cells: 3 };
  for (const [options, field, crystal] of [
    [{ ...good, axis: 4 }, "axis"],
    [{ ...good, axis: 3 }, "axis"],
    [{ ...good, cells: 0 }, "cells"],
    [{ ...good, k: [1] }, "k"],
    [{ ...good, gates: { x: [6] } }, "gates.x[0]"],
    [{ ...good, gate: {} }, "gate"],
    [good, "hamiltonian", skew],
  ] as [CrystalOptions, string, Crystal?][])
    expect(() => wannier90Model(fileOf(crystal ?? honeycomb), options), field).toThrow(
      expect.objectContaining({ name: "InputError", field }),
    );
  const { status, stderr } = await nanopinwheel([
    "import",
    "wannier90",
    "/no/such",
    "--axis",
    "1",
    "--cells",
    "3",
  ]);
  expect(status).toBe(2);
  expect(stderr).toContain("/no/such");
});
