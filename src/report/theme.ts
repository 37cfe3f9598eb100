// Colours of the report as CSS variables: one name per role, with a value for light and one for
// dark. Figures use only the variables, so that inline SVG follows the reader's theme. A separate
// figure contains the light values. Series also differ in dashes, and the diverging scale has the
// colour of the paper at zero.

/** The two values of each role, light and dark. */
const roles = {
  paper: ["#ffffff", "#14171c"],
  panel: ["#f5f6f8", "#1c2128"],
  ink: ["#1a1d21", "#e7eaee"],
  muted: ["#565e68", "#a3adb9"],
  rule: ["#d5d9de", "#353c46"],
  "series-1": ["#0b5fa5", "#6cb2f5"],
  "series-2": ["#c03a0a", "#ff9d5c"],
  "series-3": ["#17774a", "#5fcf93"],
  "series-4": ["#74399f", "#c9a0f5"],
  good: ["#17693f", "#5fcf93"],
  bad: ["#b3261e", "#ff8a80"],
  "motor-0": ["#d9e9f7", "#1d3145"],
  "motor-1": ["#b0d2ee", "#23486c"],
  "motor-2": ["#7fb5e0", "#2f6496"],
  "motor-3": ["#4692cc", "#4386c4"],
  "motor-4": ["#0b66ad", "#74b4f0"],
  "generator-0": ["#fde6d3", "#402a1a"],
  "generator-1": ["#fbcda3", "#643c1c"],
  "generator-2": ["#f3a966", "#925522"],
  "generator-3": ["#df8130", "#c07a3a"],
  "generator-4": ["#b55a08", "#f5ac66"],
  dissipator: ["#e6e8eb", "#2a3038"],
  locked: ["#c3c9d0", "#4b5561"],
} as const;

const diverging = {
  light: "#053061 #2166ac #4393c3 #92c5de #d1e5f0 #f7f7f7 #fddbc7 #f4a582 #d6604d #b2182b #67001f".split(" "),
  dark: "#a9d2ff #74aff3 #4a88d6 #33659f #294568 #22272e #5f3527 #8f4a31 #c26443 #ec8c68 #ffc4aa".split(" "),
};

/** Number of steps of the diverging scale. The middle one is for zero. */
export const divergingSteps = diverging.light.length;

/** Number of efficiency steps in the colours of motor and generator. */
export const efficiencySteps = 5;

function valuesOf(theme: "light" | "dark"): Map<string, string> {
  const column = theme === "light" ? 0 : 1;
  const entries = Object.entries(roles).map(([name, pair]): [string, string] => [name, pair[column]]);
  return new Map([
    ...entries,
    ...diverging[theme].map((colour, step): [string, string] => [`diverging-${step}`, colour]),
  ]);
}

/** The colour of a role, as an attribute of SVG or a CSS value. */
export const colour = (role: string): string => `var(--${role})`;

/** The declarations of all variables of a theme, for the inside of a CSS rule. */
export const declarations = (theme: "light" | "dark"): string =>
  [...valuesOf(theme)].map(([name, value]) => `--${name}:${value}`).join(";");

const light = valuesOf("light");

/** The SVG on white, for a page whose ground may be dark. */
export const onPaper = (svg: string): string =>
  svg.replace("</desc>", `</desc><rect width="100%" height="100%" fill="${roles.paper[0]}"/>`);

/**
 * The SVG with the light colours in place of the variables, for programs that do not support CSS
 * variables.
 */
export function withLightColours(svg: string): string {
  return svg.replaceAll(/var\(--([a-z0-9-]+)\)/g, (_, role: string) => {
    const value = light.get(role);
    if (value === undefined) throw new Error(`no colour of the name ${role}`);
    return value;
  });
}
