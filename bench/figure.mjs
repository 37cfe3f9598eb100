// Growth curves as one SVG: time of a call against length and against width, on logarithmic axes.
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

export function growthFigure({ length, width }) {
  const { document } = parseHTML("<html><body></body></html>");
  const rows = [
    ...length.points.map((point) => ({ ...point, curve: `length, width ${length.width}` })),
    ...width.points.map((point) => ({ ...point, curve: `width, length ${width.length}` })),
  ];
  const figure = Plot.plot({
    document,
    width: 640,
    height: 420,
    marginLeft: 60,
    marginRight: 150,
    marginBottom: 45,
    style: { background: "white", color: "black", fontSize: "13px" },
    x: {
      type: "log",
      label: "length or width of the ribbon (sites)",
      grid: true,
      ticks: [10, 100, 1000],
      tickFormat: "~s",
    },
    y: { type: "log", label: "S and 4 derivatives (ms)", grid: true, tickFormat: "~g" },
    marks: [
      Plot.line(rows, { x: "size", y: "time", z: "curve", stroke: "curve", strokeWidth: 2 }),
      Plot.dot(rows, { x: "size", y: "time", fill: "curve", symbol: "curve" }),
      Plot.text(
        rows,
        Plot.selectLast({ x: "size", y: "time", z: "curve", text: "curve", textAnchor: "start", dx: 8 }),
      ),
    ],
  });
  figure.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return figure.outerHTML;
}
