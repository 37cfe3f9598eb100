// Makes the font of the PNG figures small: of DejaVu Sans the outlines of the characters that figures
// and names in them are written in, without hinting, which the rasteriser does not use, and without
// kerning. The format is TrueType (OpenType 1.9).

/** First and last code points of what stays: Latin, Greek, Cyrillic, and mathematics. */
export const ranges = [
  [0x20, 0x7e],
  [0xa0, 0x17f],
  [0x300, 0x34f],
  [0x370, 0x3ff],
  [0x400, 0x45f],
  [0x1d2c, 0x1d6a],
  [0x2010, 0x205e],
  [0x2070, 0x209c],
  [0x20ac, 0x20ac],
  [0x2100, 0x218f],
  [0x2190, 0x22ff],
  [0x25a0, 0x25ff],
  [0x27e6, 0x27eb],
];

/** The tables of a font by their names. */
function tablesOf(font) {
  const tables = {};
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const record = 12 + 16 * i;
    const start = font.readUInt32BE(record + 8);
    const name = font.toString("latin1", record, record + 4);
    tables[name] = font.subarray(start, start + font.readUInt32BE(record + 12));
  }
  return tables;
}

/** The glyphs of the characters that stay: pairs of code point and glyph, from a table of format 12. */
function glyphsOf(cmap) {
  for (let i = 0; i < cmap.readUInt16BE(2); i++) {
    const table = cmap.subarray(cmap.readUInt32BE(4 + 8 * i + 4));
    if (table.readUInt16BE(0) !== 12) continue;
    const found = [];
    for (let k = 0; k < table.readUInt32BE(12); k++) {
      const [first, last, glyph] = [0, 4, 8].map((at) => table.readUInt32BE(16 + 12 * k + at));
      for (let code = first; code <= last; code++)
        if (ranges.some(([low, high]) => low <= code && code <= high))
          found.push([code, glyph + code - first]);
    }
    return found;
  }
  throw new Error("the font has no character map of format 12");
}

/** Places in a composite glyph at which numbers of other glyphs stand, and its end without hinting. */
function componentsOf(glyph) {
  const places = [];
  let at = 10;
  for (;;) {
    const flags = glyph.readUInt16BE(at);
    // The hinting that may follow the last component is cut off.
    glyph.writeUInt16BE(flags & ~0x100, at);
    places.push(at + 2);
    const scales = flags & 0x8 ? 2 : flags & 0x40 ? 4 : flags & 0x80 ? 8 : 0;
    at += 4 + (flags & 0x1 ? 4 : 2) + scales;
    if (!(flags & 0x20)) return { places, end: at };
  }
}

/** A simple glyph without its hinting. */
function unhinted(glyph) {
  const hints = 10 + 2 * glyph.readInt16BE(0);
  const length = glyph.readUInt16BE(hints);
  return Buffer.concat([glyph.subarray(0, hints), Buffer.from([0, 0]), glyph.subarray(hints + 2 + length)]);
}

/** A character map of format 12 with a group for every character. */
function characterMap(pairs) {
  const map = Buffer.alloc(12 + 16 + 12 * pairs.length);
  map.writeUInt16BE(1, 2);
  map.writeUInt16BE(3, 4);
  map.writeUInt16BE(10, 6);
  map.writeUInt32BE(12, 8);
  map.writeUInt16BE(12, 12);
  map.writeUInt32BE(16 + 12 * pairs.length, 16);
  map.writeUInt32BE(pairs.length, 24);
  pairs.forEach(([code, glyph], k) => {
    [code, code, glyph].forEach((value, place) => {
      map.writeUInt32BE(value, 28 + 12 * k + 4 * place);
    });
  });
  return map;
}

function checksum(table) {
  let sum = 0;
  for (let i = 0; i < table.length; i += 4) sum = (sum + table.readUInt32BE(i)) >>> 0;
  return sum;
}

const padded = (table) => Buffer.concat([table, Buffer.alloc(-table.length & 3)]);

/** A font file of tables. */
function fontOf(tables) {
  const names = Object.keys(tables).sort();
  const power = Math.floor(Math.log2(names.length));
  const head = Buffer.alloc(12 + 16 * names.length);
  head.writeUInt32BE(0x10000, 0);
  [names.length, 16 << power, power, 16 * names.length - (16 << power)].forEach((value, k) => {
    head.writeUInt16BE(value, 4 + 2 * k);
  });
  const parts = [head];
  let end = head.length;
  names.forEach((name, k) => {
    const table = padded(tables[name]);
    head.write(name, 12 + 16 * k, "latin1");
    [checksum(table), end, tables[name].length].forEach((value, place) => {
      head.writeUInt32BE(value, 16 + 16 * k + 4 * place);
    });
    parts.push(table);
    end += table.length;
  });
  return Buffer.concat(parts);
}

/** The font with only the characters of `ranges`. */
export function subset(font) {
  const old = tablesOf(Buffer.from(font));
  const long = old.head.readInt16BE(50) === 1;
  const startOf = (glyph) => (long ? old.loca.readUInt32BE(4 * glyph) : 2 * old.loca.readUInt16BE(2 * glyph));
  const outline = (glyph) => Buffer.from(old.glyf.subarray(startOf(glyph), startOf(glyph + 1)));
  const composite = (glyph) => glyph.length > 0 && glyph.readInt16BE(0) < 0;

  const pairs = glyphsOf(old.cmap);
  // Components of composite glyphs are found as the list grows. Glyph 0 is shown for what is missing.
  const kept = new Set([0, ...pairs.map(([, glyph]) => glyph)]);
  for (const glyph of kept) {
    const bytes = outline(glyph);
    if (composite(bytes)) for (const place of componentsOf(bytes).places) kept.add(bytes.readUInt16BE(place));
  }
  const glyphs = [...kept].sort((a, b) => a - b);
  const numberOf = new Map(glyphs.map((glyph, number) => [glyph, number]));

  const outlines = glyphs.map((glyph) => {
    const bytes = outline(glyph);
    if (bytes.length === 0) return bytes;
    if (!composite(bytes)) return padded(unhinted(bytes));
    const { places, end } = componentsOf(bytes);
    for (const place of places) bytes.writeUInt16BE(numberOf.get(bytes.readUInt16BE(place)), place);
    return padded(bytes.subarray(0, end));
  });
  const loca = Buffer.alloc(4 * (glyphs.length + 1));
  let end = 0;
  outlines.forEach((bytes, k) => {
    end += bytes.length;
    loca.writeUInt32BE(end, 4 * (k + 1));
  });

  const metrics = old.hhea.readUInt16BE(34);
  const hmtx = Buffer.alloc(4 * glyphs.length);
  glyphs.forEach((glyph, k) => {
    hmtx.writeUInt16BE(old.hmtx.readUInt16BE(4 * Math.min(glyph, metrics - 1)), 4 * k);
    const bearing = glyph < metrics ? 4 * glyph + 2 : 4 * metrics + 2 * (glyph - metrics);
    hmtx.writeInt16BE(old.hmtx.readInt16BE(bearing), 4 * k + 2);
  });

  const head = Buffer.from(old.head);
  head.writeUInt32BE(0, 8);
  head.writeInt16BE(1, 50);
  const hhea = Buffer.from(old.hhea);
  hhea.writeUInt16BE(glyphs.length, 34);
  const maxp = Buffer.from(old.maxp);
  maxp.writeUInt16BE(glyphs.length, 4);
  const post = Buffer.from(old.post.subarray(0, 32));
  post.writeUInt32BE(0x30000, 0);

  const cmap = characterMap(pairs.map(([code, glyph]) => [code, numberOf.get(glyph)]));
  const glyf = Buffer.concat(outlines);
  const tables = { head, hhea, maxp, hmtx, loca, cmap, post, glyf, name: old.name, "OS/2": old["OS/2"] };
  head.writeUInt32BE((0xb1b0afba - checksum(fontOf(tables))) >>> 0, 8);
  return fontOf(tables);
}
