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
