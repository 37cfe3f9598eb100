/** A full turn, 2 pi radians. */
export const TURN = 2 * Math.PI;
