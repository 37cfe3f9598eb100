// Numbers for readers: as many digits as are meaningful, and "1e0" in place of "1e+0".

/** A number with `digits` significant digits, with an exponent outside 1e-4 .. 1e6. */
export function significant(value: number, digits = 6): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e6) return String(Number(value.toPrecision(digits)));
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return `${Number(mantissa)}e${Number(exponent)}`;
}

/** A small number such as an error or a defect. */
export const small = (value: number): string =>
  value === 0 ? "0" : value.toExponential(1).replace("e+", "e");
