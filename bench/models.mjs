// Model files of the bench, made by rules that every contender can follow to obtain the same
// numbers.

/**
 * The disordered square-lattice ribbon of test/known/ribbons.json with hopping -1 and clean leads.
 * Gate nu acts on the orbitals `gates[nu]`. `flux` is the phase of the hopping around one plaquette
 * of the device, from a magnetic field that is absent in the leads.
 */
export function ribbonModel(width, length, gates, flux = 0) {
  const site = (x, y) => x * width + y;
  const onsite = ribbonOnsite(width, length);
  const hamiltonian = [];
  for (let x = 0; x < length; x++)
    for (let y = 0; y < width; y++) {
      hamiltonian.push([site(x, y), site(x, y), onsite[site(x, y)]]);
      if (y + 1 < width) {
        const bond = flux === 0 ? [-1] : [-Math.cos(flux * x), -Math.sin(flux * x)];
        hamiltonian.push([site(x, y), site(x, y + 1), ...bond]);
      }
      if (x + 1 < length) hamiltonian.push([site(x, y), site(x + 1, y), -1]);
    }
  const cell = [];
  for (let y = 0; y < width; y++) {
    cell.push([y, y, 4]);
    if (y + 1 < width) cell.push([y, y + 1, -1]);
  }
  const lead = (name, x) => ({
    name,
    kind: "periodic",
    orbitals: Array.from({ length: width }, (_, y) => site(x, y)),
    onsite: cell,
    hopping: Array.from({ length: width }, (_, y) => [y, y, -1]),
  });
  return {
    format: "nanopinwheel/1",
    device: {
      orbitals: width * length,
      hamiltonian,
      parameters: Object.fromEntries(
        gates.map((orbitals, nu) => [`gate${nu}`, orbitals.map((i) => [i, i, 1])]),
      ),
      leads: [lead("left", 0), lead("right", length - 1)],
    },
  };
}

/** On-site energies 4 + U, with y varying fastest. */
export function ribbonOnsite(width, length) {
  return Float64Array.from({ length: width * length }, (_, i) => {
    const [x, y] = [Math.floor(i / width), i % width];
    const wave = Math.abs(Math.sin(12.9898 * (x + 1) + 78.233 * (y + 1)) * 437.5453);
    return 4 + 0.5 * (wave - Math.floor(wave) - 0.5);
  });
}

/** The orbitals of `count` gates that divide the ribbon along its length. */
export function lengthwiseGates(width, length, count) {
  return Array.from({ length: count }, (_, nu) => {
    const [first, after] = [nu, nu + 1].map((k) => width * Math.floor((k * length) / count));
    return Array.from({ length: after - first }, (_, k) => first + k);
  });
}

/** The orbitals of `count` gates of `size` orbitals each, distributed over the ribbon. */
export function localGates(orbitals, count, size) {
  return Array.from({ length: count }, (_, nu) => {
    const first = Math.floor((nu * (orbitals - size)) / (count - 1));
    return Array.from({ length: size }, (_, k) => first + k);
  });
}

/** A reproducible number between -1/2 and 1/2. */
const noise = (k) => {
  const wave = Math.abs(Math.sin(12.9898 * (k + 1)) * 437.5453);
  return wave - Math.floor(wave) - 0.5;
};

const file = (device) => ({ format: "nanopinwheel/1", device });

/** Two gates, each on one half of the orbitals. */
const halves = (count) => ({
  x: Array.from({ length: count >> 1 }, (_, i) => [i, i, 1]),
  y: Array.from({ length: count - (count >> 1) }, (_, k) => [(count >> 1) + k, (count >> 1) + k, 1]),
});

/**
 * The square ribbon with four orbitals per site. Hoppings are complex 4 x 4 matrices, the same on
 * all bonds of a direction; the device has on-site noise, the leads have none.
 */
export function orbitalsModel(width, length) {
  const m = 4;
  const at = (x, y, a) => (x * width + y) * m + a;
  const bond = (a, b, seed) => [
    (a === b ? -1 : 0) + 0.3 * noise(seed + 4 * a + b),
    0.3 * noise(seed + 50 + 4 * a + b),
  ];
  const hamiltonian = [];
  const hop = (i, j, seed, list) => {
    for (let a = 0; a < m; a++) for (let b = 0; b < m; b++) list.push([i + a, j + b, ...bond(a, b, seed)]);
  };
  for (let x = 0; x < length; x++)
    for (let y = 0; y < width; y++) {
      for (let a = 0; a < m; a++) hamiltonian.push([at(x, y, a), at(x, y, a), 0.4 * noise(at(x, y, a))]);
      if (y + 1 < width) hop(at(x, y, 0), at(x, y + 1, 0), 100, hamiltonian);
      if (x + 1 < length) hop(at(x, y, 0), at(x + 1, y, 0), 200, hamiltonian);
    }
  const cell = Array.from({ length: width * m }, (_, i) => [i, i, 0]);
  const out = [];
  const back = [];
  for (let y = 0; y < width; y++) {
    if (y + 1 < width) hop(m * y, m * (y + 1), 100, cell);
    hop(m * y, m * y, 200, out);
    // Away from the device the left lead runs against x: its hopping is the adjoint.
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) {
        const [re, im] = bond(a, b, 200);
        back.push([m * y + b, m * y + a, re, -im]);
      }
  }
  const lead = (name, x, hopping) => ({
    name,
    kind: "periodic",
    orbitals: Array.from({ length: width * m }, (_, i) => at(x, 0, 0) + i),
    onsite: cell,
    hopping,
  });
  const orbitals = width * length * m;
  return {
    slices: Array.from({ length: length + 1 }, (_, x) => x * width * m),
    model: file({
      orbitals,
      hamiltonian,
      parameters: halves(orbitals),
      leads: [lead("left", 0, back), lead("right", length - 1, out)],
    }),
  };
}

/**
 * A honeycomb as a brick wall of `width` rows and `length` columns (an even number): bonds along
 * every column, and between columns x and x + 1 in every second row. A lead cell has two columns.
 */
export function honeycombModel(width, length) {
  const site = (x, y) => x * width + y;
  const hamiltonian = [];
  for (let x = 0; x < length; x++)
    for (let y = 0; y < width; y++) {
      hamiltonian.push([site(x, y), site(x, y), 0.3 * noise(site(x, y))]);
      if (y + 1 < width) hamiltonian.push([site(x, y), site(x, y + 1), -1]);
      if (x + 1 < length && (x + y) % 2 === 0) hamiltonian.push([site(x, y), site(x + 1, y), -1]);
    }
  const onsite = Array.from({ length: 2 * width }, (_, i) => [i, i, 0]);
  const [out, back] = [[], []];
  for (let y = 0; y < width; y++) {
    for (const x of [0, 1]) if (y + 1 < width) onsite.push([site(x, y), site(x, y + 1), -1]);
    if (y % 2 === 0) onsite.push([site(0, y), site(1, y), -1]);
    else {
      out.push([site(1, y), site(0, y), -1]);
      back.push([site(0, y), site(1, y), -1]);
    }
  }
  const lead = (name, x, hopping) => ({
    name,
    kind: "periodic",
    orbitals: Array.from({ length: 2 * width }, (_, i) => site(x, 0) + i),
    onsite,
    hopping,
  });
  return {
    slices: Array.from({ length: length / 2 + 1 }, (_, x) => 2 * x * width),
    model: file({
      orbitals: width * length,
      hamiltonian,
      parameters: halves(width * length),
      leads: [lead("left", 0, back), lead("right", length - 2, out)],
    }),
  };
}

/**
 * One cell of a wire without symmetry between its two leads: Hermitian cell and hopping of the given
 * rank, both full and complex.
 */
export function fullCellModel(orbitals, rank) {
  const complex = (seed, scale) => [scale * noise(seed), scale * noise(seed + 0.5)];
  const cell = [];
  for (let i = 0; i < orbitals; i++)
    for (let j = i; j < orbitals; j++) {
      const [re, im] = complex(1000 + orbitals * i + j, 1.5 / Math.sqrt(orbitals));
      cell.push(i === j ? [i, i, re] : [i, j, re, im]);
    }
  const factor = (seed) =>
    Array.from({ length: orbitals }, (_, i) =>
      Array.from({ length: rank }, (_, k) => complex(seed + rank * i + k, 3.5 / Math.sqrt(orbitals))),
    );
  const [left, right] = [factor(20_000), factor(40_000)];
  const [out, back] = [[], []];
  for (let i = 0; i < orbitals; i++)
    for (let j = 0; j < orbitals; j++) {
      let re = 0;
      let im = 0;
      for (let k = 0; k < rank; k++) {
        const [[a, b], [c, d]] = [left[i][k], right[j][k]];
        re += a * c + b * d;
        im += b * c - a * d;
      }
      out.push([i, j, re, im]);
      back.push([j, i, re, -im]);
    }
  const lead = (name, hopping) => ({
    name,
    kind: "periodic",
    orbitals: Array.from({ length: orbitals }, (_, i) => i),
    onsite: cell,
    hopping,
  });
  return file({
    orbitals,
    hamiltonian: cell,
    parameters: {},
    leads: [lead("left", back), lead("right", out)],
  });
}

/** The sites of the square lattice between two radii, with wide leads on its left and right ends. */
export function ringModel(inner, outer) {
  const index = new Map();
  const list = [];
  for (let x = -outer; x <= outer; x++)
    for (let y = -outer; y <= outer; y++)
      if (x * x + y * y <= outer * outer && x * x + y * y >= inner * inner) {
        index.set(`${x},${y}`, list.length);
        list.push([x, y]);
      }
  const hamiltonian = list.flatMap(([x, y], i) => [
    [i, i, 0.3 * noise(i)],
    ...[`${x},${y + 1}`, `${x + 1},${y}`]
      .filter((key) => index.has(key))
      .map((key) => [i, index.get(key), -1]),
  ]);
  const lead = (name, side) => ({
    name,
    kind: "wideband",
    orbitals: list.flatMap(([x, y], i) => (side * x >= outer - 2 && Math.abs(y) <= 4 ? [i] : [])),
    width: 0.5,
  });
  return file({
    orbitals: list.length,
    hamiltonian,
    parameters: halves(list.length),
    leads: [lead("left", -1), lead("right", 1)],
  });
}

/** A closed chain with a chord from every tenth orbital to a distant one. */
export function graphModel(count) {
  const hamiltonian = Array.from({ length: count }, (_, i) => [i, i, 0.5 * noise(i)]);
  const join = (i, j) => hamiltonian.push([Math.min(i, j), Math.max(i, j), -1]);
  for (let i = 0; i < count; i++) join(i, (i + 1) % count);
  for (let i = 0; i < count; i += 10) {
    const other = Math.floor((noise(i + 7) + 0.5) * count);
    if (Math.abs(other - i) > 1 && Math.abs(other - i) < count - 1) join(i, other);
  }
  const lead = (name, first) => ({
    name,
    kind: "wideband",
    orbitals: Array.from({ length: 6 }, (_, k) => first + 3 * k),
    width: 1,
  });
  return file({
    orbitals: count,
    hamiltonian,
    parameters: halves(count),
    leads: [lead("left", 0), lead("right", count >> 1)],
  });
}
