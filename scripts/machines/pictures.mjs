// A drawing of each machine as plain SVG on white, 480 units wide. Sites are dots, leads are fading
// dots, moving parts are blue, gates are green.

const ink = "#1a1d21";
const muted = "#565e68";
const blue = "#0b5fa5";
const red = "#c03a0a";
const green = "#17774a";
const pale = "#e6efe9";

const dot = (x, y, { r = 6, fill = ink } = {}) => `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"/>`;
const line = (x1, y1, x2, y2, { stroke = ink, width = 2, dashes = "" } = {}) =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${stroke}" stroke-width="${width}"${
    dashes ? ` stroke-dasharray="${dashes}"` : ""
  }/>`;
const path = (d, { stroke = ink, width = 2, fill = "none", head = false } = {}) =>
  `<path d="${d}" fill="${fill}" stroke="${stroke}" stroke-width="${width}"${head ? ` marker-end="url(#head-${stroke.slice(1)})"` : ""}/>`;
const word = (x, y, text, { fill = ink, anchor = "middle", size = 15 } = {}) =>
  `<text x="${x}" y="${y}" fill="${fill}" text-anchor="${anchor}" font-size="${size}">${text}</text>`;
const box = (x, y, width, height, { fill = pale, stroke = green } = {}) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="3" fill="${fill}" stroke="${stroke}"/>`;
const range = (from, to, step, draw) => {
  const parts = [];
  for (let value = from; value <= to + 1e-9; value += step) parts.push(draw(value));
  return parts.join("");
};
const curve = (from, to, step, y) =>
  `M${Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step)
    .map((x) => `${x},${y(x).toFixed(1)}`)
    .join("L")}`;

/** A chain of sites that continues at both ends as leads. */
const chain = (y, from, to, step = 24) =>
  line(from - 2.6 * step, y, to + 2.6 * step, y, { stroke: muted, width: 1.5 }) +
  range(from, to, step, (x) => dot(x, y)) +
  [1, 2]
    .map((k) => dot(from - k * step, y, { r: 4, fill: muted }) + dot(to + k * step, y, { r: 4, fill: muted }))
    .join("");
/** A reservoir on either side, filled up to its chemical potential. */
const reservoirs = (y, height = 90) =>
  ["left", "right"]
    .map((name, k) => {
      const x = k === 0 ? 30 : 370;
      const top = y - height / 2;
      return (
        box(x, top + 0.35 * height, 80, 0.65 * height, { fill: "#d9e9f7", stroke: "none" }) +
        path(
          k === 0
            ? `M${x},${top}H${x + 80}V${top + height}H${x}`
            : `M${x + 80},${top}H${x}V${top + height}H${x + 80}`,
        ) +
        word(x + 40, top + height + 20, name, { fill: muted })
      );
    })
    .join("");
const sides = (y) =>
  word(24, y, "left", { fill: muted, anchor: "start" }) +
  word(456, y, "right", { fill: muted, anchor: "end" });
/**
 * An arc with an arrow head, shorter than half a circle, between two angles in degrees, counted
 * clockwise from three o'clock.
 */
function arc(x, y, r, from, to, stroke = blue) {
  const at = (degrees) =>
    [x + r * Math.cos((degrees * Math.PI) / 180), y + r * Math.sin((degrees * Math.PI) / 180)].map((v) =>
      v.toFixed(1),
    );
  return path(`M${at(from)}A${r},${r} 0 0 ${to > from ? 1 : 0} ${at(to)}`, { stroke, head: true });
}
const upDown = (x, y, name) =>
  path(`M${x},${y}v-30`, { stroke: blue, head: true }) +
  path(`M${x},${y}v14`, { stroke: blue, head: true }) +
  word(x + 12, y + 4, name, { fill: blue, anchor: "start" });

/** Charges of alternating sign on the rim of a wheel. The lowest one is below its hub. */
function rim(cx, cy, r, charges) {
  return Array.from({ length: charges }, (_, j) => {
    const angle = Math.PI / 2 + (2 * Math.PI * j) / charges;
    const [x, y] = [(cx + r * Math.cos(angle)).toFixed(1), (cy + r * Math.sin(angle)).toFixed(1)];
    return (
      dot(x, y, { r: 9, fill: j % 2 ? red : blue }) +
      word(x, Number(y) + 5, j % 2 ? "+" : "−", { fill: "#ffffff", size: 14 })
    );
  }).join("");
}

const latticeDot = () => {
  const [step, x0, y0] = [22, 130, 42];
  const at = (column, row) => [x0 + column * step, y0 + row * step];
  const parts = [];
  // The gate patches lie behind the sites: columns 1 and 2 at the top, 8 and 9 at the bottom.
  const [gx, gy] = at(1, 0);
  parts.push(
    box(gx - 10, gy - 10, step + 20, step + 20),
    word(gx + step / 2, gy - 16, "gate x", { fill: green }),
  );
  const [hx, hy] = at(8, 7);
  parts.push(
    box(hx - 10, hy - 10, step + 20, step + 20),
    word(hx + step / 2, hy + step + 28, "gate y", { fill: green }),
  );
  for (let column = -3; column < 14; column++)
    for (let row = 0; row < 9; row++) {
      const inside = column >= 0 && column < 11;
      if (!inside && (row < 2 || row > 6)) continue;
      const [x, y] = at(column, row);
      const far = column < 0 ? -column : column - 10;
      const fill = inside ? ink : ["", "#8a929b", "#b4bac1", "#d5d9de"][far];
      const next = column + 1 < 11 || (row >= 2 && row <= 6);
      if (column < 13 && next) parts.push(line(x, y, x + step, y, { stroke: "#b4bac1", width: 1 }));
      if (row < 8 && (inside || row < 6))
        parts.push(line(x, y, x, y + step, { stroke: "#b4bac1", width: 1 }));
      parts.push(dot(x, y, { r: 4, fill }));
    }
  return parts.join("") + sides(200);
};

const hexagon = () => {
  const [cx, cy, r] = [240, 120, 70];
  const at = (n) => [cx - r * Math.cos((n * Math.PI) / 3), cy - r * Math.sin((n * Math.PI) / 3)];
  const ring = [0, 1, 2, 3, 4, 5].map((n) => line(...at(n), ...at((n + 1) % 6))).join("");
  const atoms = [0, 1, 2, 3, 4, 5].map((n) => dot(...at(n), { r: 8 })).join("");
  const [x2, y2] = at(2);
  return [
    line(60, cy, cx - r, cy, { stroke: muted, width: 6 }),
    line(cx + r, cy, 420, cy, { stroke: muted, width: 6 }),
    line(x2, y2, 400, y2 - 22, { stroke: muted, width: 6 }),
    ring,
    atoms,
    path(`M${cx - 24},${cy + 20}L${cx + 26},${cy - 22}`, { stroke: blue, width: 3, head: true }),
    arc(cx, cy, 46, -10, 60),
    word(cx - 16, cy - 12, "dipole", { fill: blue }),
    word(64, cy - 12, "left", { fill: muted, anchor: "start" }),
    word(416, cy + 24, "right: para", { fill: muted, anchor: "end" }),
    word(400, y2 - 30, "right: meta", { fill: muted, anchor: "end" }),
  ].join("");
};

/** Height and content of the drawing of each preset. */
const drawings = {
  thouless: [
    170,
    () =>
      chain(120, 96, 384) +
      path(
        curve(84, 396, 4, (x) => 62 - 22 * Math.cos((2 * Math.PI * (x - 96)) / 96)),
        { stroke: blue },
      ) +
      path("M190,26h-70", { stroke: blue, head: true }) +
      word(204, 31, "V₀ cos(2πn/λ + θ) slides", { fill: blue, anchor: "start" }) +
      sides(152),
  ],
  dirac: [
    170,
    () =>
      box(150, 40, 180, 90, { fill: "#eef3f8", stroke: blue }) +
      path("M40,65H440", { head: true }) +
      path("M440,105H40", { head: true }) +
      path("M230,65V105", { stroke: blue, head: true }) +
      path("M250,105V65", { stroke: blue, head: true }) +
      word(240, 30, "a gap Δ of phase θ mixes the movers", { fill: blue }) +
      path("M150,146H330", { stroke: muted, width: 1 }) +
      word(240, 163, "length L", { fill: muted }) +
      sides(152),
  ],
  wheel: [
    250,
    () =>
      `<circle cx="240" cy="112" r="76" fill="#f5f6f8" stroke="${muted}"/>` +
      dot(240, 112, { r: 4, fill: muted }) +
      rim(240, 112, 76, 12) +
      arc(240, 112, 40, 340, 200) +
      word(240, 104, "θ", { fill: blue }) +
      chain(220, 84, 396) +
      sides(200),
  ],
  "two-gate": [
    170,
    () =>
      chain(116, 108, 372) +
      [3, 8]
        .map((site, k) => {
          const x = 108 + 24 * site;
          return box(x - 13, 40, 26, 56) + word(x, 30, ["gate x", "gate y"][k], { fill: green });
        })
        .join("") +
      sides(150),
  ],
  "double-dot": [
    190,
    () =>
      reservoirs(86) +
      line(110, 80, 370, 80, { stroke: muted, dashes: "5 4" }) +
      line(160, 80, 215, 80, { width: 4 }) +
      line(265, 80, 320, 80, { width: 4 }) +
      word(135, 70, "Γ", { fill: muted }) +
      word(240, 70, "t", { fill: muted }) +
      word(345, 70, "Γ", { fill: muted }) +
      upDown(187, 130, "x") +
      upDown(292, 130, "y"),
  ],
  "two-path": [
    200,
    () =>
      path("M110,100C150,40 190,40 240,40S330,40 370,100", { stroke: muted }) +
      path("M110,100C150,160 190,160 240,160S330,160 370,100", { stroke: muted }) +
      box(30, 80, 80, 40, { fill: "#d9e9f7", stroke: ink }) +
      box(370, 80, 80, 40, { fill: "#d9e9f7", stroke: ink }) +
      word(70, 105, "left") +
      word(410, 105, "right") +
      dot(240, 40, { r: 9 }) +
      dot(240, 160, { r: 9 }) +
      word(240, 24, "level + x", { fill: blue }) +
      word(240, 190, "level + y", { fill: blue }) +
      `<circle cx="240" cy="100" r="13" fill="none" stroke="${green}" stroke-width="2"/>` +
      dot(240, 100, { r: 3, fill: green }) +
      word(262, 105, "flux φ", { fill: green, anchor: "start" }),
  ],
  "resonant-level": [
    190,
    () =>
      reservoirs(86) +
      line(110, 80, 370, 80, { stroke: muted, dashes: "5 4" }) +
      line(205, 80, 275, 80, { width: 4 }) +
      word(150, 70, "Γ left", { fill: muted }) +
      word(330, 70, "Γ right", { fill: muted }) +
      upDown(240, 130, "level + x"),
  ],
  "chaotic-dot": [
    230,
    () =>
      path(
        "M40,102H120C130,60 170,30 230,44C290,20 350,50 356,102H440M40,130H120C128,180 180,204 236,186C300,212 352,180 356,130H440",
        { width: 3 },
      ) +
      path("M60,116L140,110L300,62L190,180L330,150L170,70L250,186L330,92L420,116", {
        stroke: red,
        width: 1.3,
        head: true,
      }) +
      box(186, 10, 60, 22) +
      box(266, 206, 60, 22) +
      word(252, 26, "gate x", { fill: green, anchor: "start" }) +
      word(258, 222, "gate y", { fill: green, anchor: "end" }) +
      word(40, 92, "left", { fill: muted, anchor: "start" }) +
      word(440, 92, "right", { fill: muted, anchor: "end" }),
  ],
  benzene: [230, hexagon],
  "open-dot": [270, latticeDot],
};

/** The drawing of a machine as a self-contained SVG. */
export function pictureOf(preset, title) {
  const [height, draw] = drawings[preset];
  const heads = [ink, blue, red]
    .map(
      (colour) =>
        `<marker id="head-${colour.slice(1)}" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="6" markerHeight="6" orient="auto"><path d="M0,0L10,5L0,10Z" fill="${colour}"/></marker>`,
    )
    .join("");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 ${height}" role="img" font-family="DejaVu Sans, Verdana, sans-serif">` +
    `<title>${title}</title><rect width="100%" height="100%" fill="#ffffff"/><defs>${heads}</defs>${draw()}</svg>`
  );
}
