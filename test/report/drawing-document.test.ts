// The document in which figures are drawn, against a whole DOM that does the same: what is written reads the same.

import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { DrawingDocument } from "../../src/report/figures/drawing/document.js";
import { randomSource } from "../twins/random.js";

const svg = "http://www.w3.org/2000/svg";
const hard = ["a & b", "<x>", '"quoted"', "x > y", "line\nbreak", "Γ₁₂ → ∞", "&amp;", "", "it's"];

/** Name, attributes by name, and contents of an element, in which texts side by side are one. */
function read(element: Element): unknown[] {
  const contents: unknown[] = [];
  for (const child of element.childNodes) {
    const part = child.nodeType === 3 ? child.textContent : read(child as Element);
    const last = contents.at(-1);
    if (typeof part === "string" && typeof last === "string") contents.splice(-1, 1, last + part);
    else if (part !== "") contents.push(part);
  }
  const attributes = Array.from(element.attributes, ({ name, value }) => [name, value]);
  return [element.tagName.toLowerCase(), attributes.sort(([a], [b]) => (a < b ? -1 : 1)), contents];
}

const documentOf = (text = "") => parseHTML(`<html><body>${text}</body></html>`).document;

test.each(Array.from({ length: 40 }, (_, seed) => seed))("random drawing %d", (seed) => {
  const random = randomSource(seed);
  const below = (n: number) => random.integer(0, n - 1);
  const own = new DrawingDocument();
  const whole = documentOf();
  const mine = [own.createElementNS(svg, "g")];
  const theirs = [whole.createElementNS(svg, "g") as unknown as Element];
  for (let step = 0; step < 60; step++) {
    const k = below(mine.length);
    const text = hard[below(hard.length)];
    const action = below(6);
    if (action < 2) {
      const [a, b] = [own.createElementNS(svg, "path"), whole.createElementNS(svg, "path")];
      const next = below(2);
      mine[k].insertBefore(a, next ? mine[k].firstChild : null);
      theirs[k].insertBefore(b, next ? theirs[k].firstChild : null);
      mine.push(a);
      theirs.push(b as unknown as Element);
    } else if (action === 2) {
      const name = `a${below(3)}`;
      mine[k].setAttribute(name, text);
      theirs[k].setAttribute(name, text);
    } else if (action === 3) {
      mine[k].appendChild(own.createTextNode(text));
      theirs[k].appendChild(whole.createTextNode(text));
    } else if (action === 4 && k > 0) {
      // A leaf moves to the end of its parent.
      mine[k].parentNode?.append(mine[k]);
      theirs[k].parentNode?.append(theirs[k]);
    } else {
      mine[k].removeAttribute("a1");
      theirs[k].removeAttribute("a1");
    }
  }
  const [again] = documentOf(`<svg>${mine[0].outerHTML}</svg>`).querySelectorAll("g");
  expect(read(again)).toEqual(read(theirs[0]));
});
