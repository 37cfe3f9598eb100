// The document in which the plotting library draws: elements with attributes and children, which
// become the text of an SVG. It has the part of the DOM that the library uses (a whole DOM for it
// would be more than half of the report's code) and nothing that a drawing does not need: no
// parser, no styles, no events.

const svgNamespace = "http://www.w3.org/2000/svg";

const escapedText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const escapedValue = (text: string): string => escapedText(text).replaceAll('"', "&quot;");

class TextNode {
  parentNode: DrawnElement | null = null;
  readonly textContent: string;

  constructor(text: string) {
    this.textContent = text;
  }

  get nextSibling(): Child | null {
    return siblingAfter(this);
  }

  get outerHTML(): string {
    return escapedText(this.textContent);
  }
}

type Child = TextNode | DrawnElement;

function siblingAfter(node: Child): Child | null {
  const siblings = node.parentNode?.childNodes ?? [];
  return siblings[siblings.indexOf(node) + 1] ?? null;
}

/** An element of the drawing. */
export class DrawnElement {
  readonly ownerDocument: DrawingDocument;
  readonly namespaceURI: string;
  readonly tagName: string;
  readonly childNodes: Child[] = [];
  parentNode: DrawnElement | null = null;
  readonly #attributes = new Map<string, string>();

  constructor(document: DrawingDocument, namespace: string, name: string) {
    this.ownerDocument = document;
    this.namespaceURI = namespace;
    this.tagName = name;
  }

  setAttribute(name: string, value: unknown): void {
    this.#attributes.set(name, String(value));
  }

  setAttributeNS(_namespace: string, name: string, value: unknown): void {
    this.setAttribute(name, value);
  }

  getAttribute(name: string): string | null {
    return this.#attributes.get(name) ?? null;
  }

  removeAttribute(name: string): void {
    this.#attributes.delete(name);
  }

  appendChild<T extends Child>(child: T): T {
    return this.insertBefore(child, null);
  }

  append(...children: Child[]): void {
    for (const child of children) this.appendChild(child);
  }

  insertBefore<T extends Child>(child: T, next: Child | null): T {
    child.parentNode?.removeChild(child);
    const place = next === null ? this.childNodes.length : this.childNodes.indexOf(next);
    if (place < 0) throw new Error(`no such child in the ${this.tagName}`);
    this.childNodes.splice(place, 0, child);
    child.parentNode = this;
    return child;
  }

  removeChild(child: Child): void {
    this.childNodes.splice(this.childNodes.indexOf(child), 1);
    child.parentNode = null;
  }

  get firstChild(): Child | null {
    return this.childNodes[0] ?? null;
  }

  get nextSibling(): Child | null {
    return siblingAfter(this);
  }

  set textContent(text: string) {
    for (const child of [...this.childNodes]) this.removeChild(child);
    if (text !== "") this.appendChild(new TextNode(text));
  }

  /** The text of the content, as SVG. */
  get innerHTML(): string {
    return this.childNodes.map(({ outerHTML }) => outerHTML).join("");
  }

  get outerHTML(): string {
    const attributes = [...this.#attributes].map(([name, value]) => ` ${name}="${escapedValue(value)}"`);
    const start = `<${this.tagName}${attributes.join("")}`;
    return this.childNodes.length === 0 ? `${start}/>` : `${start}>${this.innerHTML}</${this.tagName}>`;
  }
}

/** Makes the nodes of drawings. */
export class DrawingDocument {
  readonly documentElement = this.createElement("html");

  createElementNS(namespace: string, name: string): DrawnElement {
    return new DrawnElement(this, namespace, name);
  }

  createElement(name: string): DrawnElement {
    return this.createElementNS(svgNamespace, name);
  }

  createTextNode(text: string): TextNode {
    return new TextNode(text);
  }
}
