// The gap between the two lowest bands of a periodic chain with hopping -1. Both edges lie at the
// zone boundary: they are the two lowest eigenvalues of one cell with antiperiodic closure, found
// by bisection on the inertia of `H - E`. The matrix is cyclic; all sites but the last are
// eliminated, and the Schur complement gives the last sign. Cost: O(cell) per energy.

/**
 * Number of eigenvalues below `energy` of the antiperiodic ring with the on-site energies
 * `potential` (at least 3 sites).
 */
function eigenvaluesBelow(potential: readonly number[], energy: number): number {
  const last = potential.length - 1;
  let below = 0;
  let pivot = potential[0] - energy || 1e-300;
  // Coupling of the present site to the last one: +1 through the seam at site 0, changed by the
  // elimination afterwards.
  let border = 1;
  let corner = potential[last] - energy;
  for (let site = 0; site < last; site++) {
    if (pivot < 0) below++;
    corner -= (border * border) / pivot;
    if (site + 1 < last) {
      // The row of the next site has the hopping -1 to the eliminated one and the last site's
      // column.
      const direct = site + 1 === last - 1 ? -1 : 0;
      border = direct + border / pivot;
      pivot = potential[site + 1] - energy - 1 / pivot || 1e-300;
    }
  }
  return below + (corner < 0 ? 1 : 0);
}

/** The eigenvalue number `index` (from 0), by bisection. */
function eigenvalue(potential: readonly number[], index: number): number {
  // The bounds are uneven, because halving even ones would meet energies where a pivot vanishes
  // exactly, such as 0 for a free chain.
  let low = Math.min(...potential) - Math.E;
  let high = Math.max(...potential) + Math.PI;
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (eigenvaluesBelow(potential, middle) > index) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

/**
 * Edges of the gap above the lowest band for a cell of at least three on-site energies. They are
 * equal if there is no gap.
 */
export const lowestGap = (cell: readonly number[]): [lower: number, upper: number] => [
  eigenvalue(cell, 0),
  eigenvalue(cell, 1),
];
