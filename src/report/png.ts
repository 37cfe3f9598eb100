// Figures as PNG by @resvg/resvg-js, a native package that may be missing: it is loaded when first
// asked for. Text is set in the font file shipped beside the program, since a bare machine has
// none.

import { fileURLToPath } from "node:url";
import { withLightColours } from "./theme.js";

/** Turns a figure's SVG into a PNG of `width` pixels on white. */
export type PngWriter = (svg: string, width?: number) => Uint8Array;

/** Thrown where the rasteriser cannot be loaded; the message says what to do. */
export class NoRasteriser extends Error {
  override readonly name = "NoRasteriser";
}

/** The font beside the bundled program; from the sources, where the build put it. */
const fontFile = (): string => fileURLToPath(new URL("./DejaVuSans.ttf", import.meta.url));

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
