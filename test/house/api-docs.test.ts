// Every public symbol has a docstring: what src/index.ts exports, the members of it, and the members of every type that is written within.
// What a public type names of this package is public itself. Only syntax is read, so that it takes no time; `npm run docs` has typedoc
// check the same and the links.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../src/", import.meta.url));

/** A declaration and the file it stands in. */
interface Place {
  file: string;
  node: ts.Node;
}

interface Source {
  /** What stands in the file by name, and what it takes from other files. */
  own: Map<string, ts.Node>;
  taken: Map<string, { from: string; name: string }>;
  exports: Map<string, { from?: string; name: string }>;
  /** Files all of whose exports it passes on. */
  passed: string[];
}

const sources = new Map<string, Source>();

/** `texts`: files that are not those of the disk, for the tests of this test. */
function sourceOf(file: string, texts: Record<string, string> = {}): Source {
  const known = sources.get(file);
  if (known) return known;
  const parsed = ts.createSourceFile(
    file,
    texts[file] ?? readFileSync(file, "utf8"),
    ts.ScriptTarget.ES2022,
    true,
  );
  const source: Source = { own: new Map(), taken: new Map(), exports: new Map(), passed: [] };
  sources.set(file, source);
  const there = (specifier: ts.Expression) =>
    join(dirname(file), (specifier as ts.StringLiteral).text.replace(/\.js$/, ".ts"));
  for (const node of parsed.statements) {
    if (ts.isImportDeclaration(node)) {
      const names = node.importClause?.namedBindings;
      if (names && ts.isNamedImports(names))
        for (const { name, propertyName = name } of names.elements)
          source.taken.set(name.text, { from: there(node.moduleSpecifier), name: propertyName.text });
    } else if (ts.isExportDeclaration(node)) {
      const from = node.moduleSpecifier && there(node.moduleSpecifier);
      if (node.exportClause && ts.isNamedExports(node.exportClause))
        for (const { name, propertyName = name } of node.exportClause.elements)
          source.exports.set(name.text, { ...(from && { from }), name: propertyName.text });
      else if (from) source.passed.push(from);
    } else {
      const declared = ts.isVariableStatement(node) ? node.declarationList.declarations : [node];
      for (const one of declared) {
        const name = (one as ts.NamedDeclaration).name;
        if (!name || !ts.isIdentifier(name)) continue;
        source.own.set(name.text, one);
        if (ts.canHaveModifiers(node) && node.modifiers?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword))
          source.exports.set(name.text, { name: name.text });
      }
    }
  }
  return source;
}

/** The declaration that a name means in a file; undefined for what is not of this package. */
function declarationOf(file: string, name: string): Place | undefined {
  const source = sourceOf(file);
  const node = source.own.get(name);
  if (node) return { file, node };
  const taken = source.taken.get(name);
  return taken && existsSync(taken.from) ? exportOf(taken.from, taken.name) : undefined;
}

function exportOf(file: string, name: string): Place | undefined {
  const source = sourceOf(file);
  const exported = source.exports.get(name);
  if (exported)
    return exported.from ? exportOf(exported.from, exported.name) : declarationOf(file, exported.name);
  return source.passed.map((from) => exportOf(from, name)).find((place) => place !== undefined);
}

/** Everything a file exports, by name. */
function exportsOf(file: string): Map<string, Place> {
  const source = sourceOf(file);
  const own = Array.from(source.exports.keys(), (name): [string, Place] => [name, exportOf(file, name)!]);
  return new Map([...source.passed.flatMap((from) => [...exportsOf(from)]), ...own]);
}

/** A sentence stands before it. */
const isDocumented = (node: ts.Node): boolean => {
  const statement = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  return ts.getJSDocCommentsAndTags(statement).some((doc) => ts.isJSDoc(doc) && doc.comment !== undefined);
};

const isHidden = (node: ts.Node): boolean =>
  ts.getCombinedModifierFlags(node as ts.Declaration) & ts.ModifierFlags.Private
    ? true
    : ts.isPrivateIdentifier((node as ts.NamedDeclaration).name ?? node) ||
      ts.getJSDocTags(node).some((tag) => tag.tagName.text === "internal");

const hasMembers = (
  node: ts.Node,
): node is ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeLiteralNode =>
  ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node);

/** What is wrong with the public interface that a file exports. */
function faultsOf(entry: string): { faults: string[]; seen: number } {
  const exported = exportsOf(entry);
  const open = new Set(Array.from(exported.values(), ({ node }) => node));
  const faults: string[] = [];
  let seen = 0;
  const check = ({ file, node }: Place, path: string): void => {
    seen++;
    if (!isDocumented(node)) faults.push(`${path} has no docstring (${relative(root, file)})`);
    within({ file, node }, path);
  };
  /** Members of the types written within a declaration, and the types that it names. */
  const within = ({ file, node }: Place, path: string): void => {
    if (hasMembers(node))
      for (const member of node.members) {
        if (isHidden(member)) continue;
        const name = member.name ? member.name.getText() : ts.SyntaxKind[member.kind];
        check({ file, node: member }, `${path}.${name}`);
      }
    const visit = (part: ts.Node): void => {
      if (
        ts.isBlock(part) ||
        (hasMembers(node) && (node.members as readonly ts.Node[]).some((m) => m === part))
      )
        return;
      if (ts.isTypeLiteralNode(part)) {
        within({ file, node: part }, path);
        return;
      }
      const called = ts.isTypeReferenceNode(part)
        ? part.typeName
        : ts.isExpressionWithTypeArguments(part)
          ? part.expression
          : ts.isTypeQueryNode(part)
            ? part.exprName
            : undefined;
      if (called && ts.isIdentifier(called)) {
        const place = declarationOf(file, called.text);
        if (place && !open.has(place.node))
          faults.push(`${path} names ${called.text}, which is not exported (${relative(root, file)})`);
      }
      ts.forEachChild(part, visit);
    };
    // The value of a constant is no part of its type, but for the members of one that has no type written.
    if (ts.isVariableDeclaration(node)) {
      if (node.type) visit(node.type);
      else ts.forEachChild(node, (part) => members({ file, node: part }, path));
    } else ts.forEachChild(node, visit);
  };
  const members = ({ file, node }: Place, path: string): void => {
    const value = ts.isAsExpression(node) || ts.isSatisfiesExpression(node) ? node.expression : node;
    if (ts.isObjectLiteralExpression(value))
      for (const member of value.properties)
        check({ file, node: member }, `${path}.${member.name?.getText()}`);
  };
  for (const [name, place] of exported) if (!isHidden(place.node)) check(place, name);
  return { faults: [...new Set(faults)], seen };
}

test("every public symbol and member has a docstring, and names none that is not public", () => {
  const { faults, seen } = faultsOf(join(root, "index.ts"));
  expect(faults).toEqual([]);
  expect(seen).toBeGreaterThan(500);
  const ofImport = faultsOf(join(root, "import/index.ts"));
  expect(ofImport.seen).toBeGreaterThan(15);
});

test("the test sees what has none", () => {
  const entry = join(root, "imagined.ts");
  const other = join(root, "imagined-other.ts");
  sources.clear();
  // A comment counts where a line begins with it.
  const texts = {
    [entry]: `export * from "./imagined-other.js";
      import type { Hidden } from "./imagined-other.js";
      /** Documented. */
      export interface Known {
        /** A number. */
        a: number;
        b: {
          /** Told. */
          c: number;
          d: string
        };
        /** One. */
        e: Hidden
      }
      export function bare(): void {}
      /** A constant. */
      export const table = {
        /** One. */
        one: 1,
        two: 2
      } as const;
      /** A class. */
      export class Machine {
        #own = 1;
        private mine = 2;
        /** @internal */
        within(): Hidden {}
        run(): void {}
        /** Made. */
        static make(x: { y: number }): void { const inside: Hidden = x; }
      }
      /** @internal */
      export interface Inner { x: number }`,
    [other]: `interface Hidden { z: number }
      interface Unseen { z: Hidden }
      export type { Hidden };
      /** @see nothing */
      export type Tagged = Unseen;`,
  };
  sourceOf(other, texts);
  sourceOf(entry, texts);
  const { faults } = faultsOf(entry);
  sources.clear();
  expect(faults.map((fault) => fault.replace(/ \(.*/, ""))).toEqual([
    "Hidden has no docstring",
    "Hidden.z has no docstring",
    "Tagged has no docstring",
    "Tagged names Unseen, which is not exported",
    "Known.b has no docstring",
    "Known.b.d has no docstring",
    "bare has no docstring",
    "table.two has no docstring",
    "Machine.run has no docstring",
    "Machine.make.y has no docstring",
  ]);
});
