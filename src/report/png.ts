// Figures as PNG by @resvg/resvg-js, an optional native package that is loaded on first use. Text
// is set in the font file that ships with the program, since a bare machine has no fonts. It has the
// characters of Latin, Greek, Cyrillic and mathematics (scripts/font.mjs).

import { fileURLToPath } from "node:url";
import { withLightColours } from "./theme.js";

/** Makes a PNG of `width` pixels on white ground of a figure's SVG. */
export type PngWriter = (svg: string, width?: number) => Uint8Array;

/** The rasteriser cannot be loaded. The message says what to do. */
export class NoRasteriser extends Error {
  override readonly name = "NoRasteriser";
}

/** The font beside the bundled program, or in the build folder if the sources run. */
const fontFile = (): string => fileURLToPath(new URL("./DejaVuSans.ttf", import.meta.url));

/** Loads the rasteriser. Throws NoRasteriser if that fails. */
export async function pngWriter(font = fontFile()): Promise<PngWriter> {
  const library = await import("@resvg/resvg-js").catch((error: unknown) => {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new NoRasteriser(
      `no PNG figures: the optional package @resvg/resvg-js cannot be loaded (${reason}); the SVG figures are complete. ` +
        "`npm install @resvg/resvg-js` beside nanopinwheel adds them.",
    );
  });
  return (svg, width = 1440) =>
    new library.Resvg(withLightColours(svg), {
      background: "#ffffff",
      fitTo: { mode: "width", value: width },
      font: { fontFiles: [font], loadSystemFonts: false, defaultFontFamily: "DejaVu Sans" },
    })
      .render()
      .asPng();
}
