// Wannier90's `_hr.dat`: a Hamiltonian of Wannier functions, H(R) = <0 m|H|R n>, one element on a
// line. The file begins with a comment, the number of functions, the number of vectors R, and the
// degeneracies of these, fifteen on a line, by which the elements are divided. Source: the user
// guide of Wannier90, section "seedname_hr.dat".

import { InputError } from "../base/errors.js";
import { described } from "../base/wording.js";

/** The block of one lattice vector. */
export interface WannierBlock {
  /** Lattice vector R in units of the three cell vectors. */
  vector: [number, number, number];
  /** Real parts of <0 m|H|R n>, row m, column n, divided by the degeneracy. */
  re: Float64Array;
  /** Imaginary parts, likewise. */
  im: Float64Array;
}

/** The content of a `_hr.dat`. */
export interface WannierHamiltonian {
  /** Number of Wannier functions of a cell. */
  orbitals: number;
  /** The blocks, in the order of the file. */
  blocks: WannierBlock[];
}

/** Largest number of matrix elements that is read: 320 MB. */
const mostElements = 2e7;

/** Fields of a line, which are separated by white space. */
const fieldsOf = (line: string): string[] => line.trim().split(/\s+/);

/**
 * Reads the text of a `_hr.dat`. Throws InputError that names the line, as `name line 12`, if the
 * file is truncated or damaged.
 */
export function readWannier90(text: string, name = "FILE"): WannierHamiltonian {
  const lines = text.split(/\r?\n/);
  while (lines.length > 0 && lines[lines.length - 1].trim() === "") lines.pop();
  const fault = (at: number, what: string, expected: string): InputError =>
    new InputError(`${name} line ${at + 1}`, what, {
      expected,
      found: at < lines.length ? described(lines[at].trim()) : "the end of the file",
    });
  const whole = (at: number, word: string | undefined, expected: string, least: number): number => {
    const value = Number(word);
    if (word === undefined || word === "" || !Number.isInteger(value) || value < least)
      throw fault(at, "not a whole number", expected);
    return value;
  };
  const count = (at: number, expected: string): number => {
    const fields = at < lines.length ? fieldsOf(lines[at]) : [];
    if (fields.length !== 1) throw fault(at, "not one number", expected);
    return whole(at, fields[0], expected, 1);
  };
  const orbitals = count(1, "the number of Wannier functions");
  const points = count(2, "the number of lattice vectors");
  if (orbitals ** 2 * points > mostElements)
    throw fault(2, "too large", `at most ${mostElements} matrix elements`);

  let at = 3;
  const degeneracies: number[] = [];
  for (; degeneracies.length < points; at++) {
    if (at >= lines.length) throw fault(at, "truncated", `${points} degeneracies`);
    for (const word of fieldsOf(lines[at])) degeneracies.push(whole(at, word, "degeneracies from 1", 1));
  }
  if (degeneracies.length > points) throw fault(at - 1, "too many degeneracies", `${points} of them`);

  const blocks: WannierBlock[] = [];
  const seen = new Set<string>();
  for (const degeneracy of degeneracies) {
    const block: WannierBlock = {
      vector: [0, 0, 0],
      re: new Float64Array(orbitals ** 2),
      im: new Float64Array(orbitals ** 2),
    };
    const filled = new Uint8Array(orbitals ** 2);
    for (let k = 0; k < orbitals ** 2; k++, at++) {
      const form = "R1 R2 R3 m n Re Im";
      if (at >= lines.length)
        throw fault(at, "truncated", `${orbitals ** 2} elements of each vector (${form})`);
      const fields = fieldsOf(lines[at]);
      const numbers = fields.map(Number);
      if (
        fields.length !== 7 ||
        !numbers.every(Number.isFinite) ||
        !numbers.slice(0, 5).every(Number.isInteger)
      )
        throw fault(at, "not a matrix element", form);
      const vector = numbers.slice(0, 3) as [number, number, number];
      if (k === 0) block.vector = vector;
      else if (vector.some((part, i) => part !== block.vector[i]))
        throw fault(at, "another lattice vector in the middle of a block", `R = ${block.vector.join(" ")}`);
      const [m, n] = [numbers[3] - 1, numbers[4] - 1];
      if (m < 0 || n < 0 || m >= orbitals || n >= orbitals)
        throw fault(at, "no such Wannier function", `1 to ${orbitals}`);
      const place = m * orbitals + n;
      if (filled[place]) throw fault(at, "an element is listed twice", "each element once");
      filled[place] = 1;
      block.re[place] = numbers[5] / degeneracy;
      block.im[place] = numbers[6] / degeneracy;
    }
    const key = block.vector.join(" ");
    if (seen.has(key)) throw fault(at - 1, "a lattice vector is listed twice", "each vector once");
    seen.add(key);
    blocks.push(block);
  }
  if (at < lines.length) throw fault(at, "text after the last element", "the end of the file");
  return { orbitals, blocks };
}
