// Names of leads and parameters: what shows as itself is a name, in any script; what does not is refused wherever a name may stand.

import { expect, test } from "vitest";
import { InputError } from "../../src/base/errors.js";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import { smallModel, variant } from "./models.js";

const invisible: [what: string, name: string][] = [
  ["NUL", "a\u0000b"],
  ["escape", "\u001b[31mred"],
  ["delete", "a\u007f"],
  ["a C1 control", "a\u009b31m"],
  ["a line feed", "a\nb"],
  ["a line separator", "a\u2028b"],
  ["right-to-left override", "\u202egnp.exe"],
  ["an isolate", "a\u2066b"],
  ["a right-to-left mark", "a\u200fb"],
  ["zero-width space", "a\u200bb"],
  ["a byte order mark", "a\uFEFFb"],
  ["half of a surrogate pair", "a\ud800b"],
  ["the other half", "\udc00a"],
  ["no character", "a\uffffb"],
];

const given = (parameter: string, lead: string) => ({
  format: "nanopinwheel/1",
  device: {
    scattering: { evaluate: () => ({ S: { shape: [1, 1], data: [1, 0] } }) },
    parameters: [parameter],
    leads: [{ name: lead, kind: "given", channels: 1 }],
  },
});
const functional = (name: string) => ({
  ...(variant("device.hamiltonian", () => []) as object),
  device: { ...(smallModel().device as object), hamiltonian: () => [], parameters: [name] },
});

const places: [where: string, model: (name: string) => unknown][] = [
  ["a lead", (name) => variant("device.leads.0.name", name)],
  ["a parameter", (name) => variant("device.parameters", { [name]: [] })],
  ["a parameter of a function", functional],
  ["the cycle", (name) => variant("cycle", { [name]: { cos: [1] } })],
  ["the reservoirs", (name) => variant("reservoirs", { [name]: { chemicalPotential: 0 } })],
  ["a parameter beside S", (name) => given(name, "left")],
  ["a lead beside S", (name) => given("x", name)],
];

test.each(invisible)("%s is refused everywhere, and shown by its code", (_, name) => {
  for (const [where, model] of places) {
    let refused: unknown;
    try {
      resolveModel(model(name));
    } catch (error) {
      refused = error;
    }
    expect(refused, where).toBeInstanceOf(InputError);
    const { message } = refused as InputError;
    expect(message, where).toMatch(/the name has characters that do not show; expected .*\\u[0-9a-f]{4}|\\n/);
    expect(message, where).not.toMatch(/\p{Cc}|\p{Cs}|\p{Cf}|\p{Zl}/u);
  }
});

test("a name of a million characters is refused without being repeated", () => {
  for (const [where, model] of places) {
    expect(() => resolveModel(model("n".repeat(1_000_000))), where).toThrow(
      /^.{1,120}: the name is too long; expected at most 256 characters, found "n{40}\.\.\."\.$/,
    );
  }
});

test.each(["é", "Γ₁", "端子", "می‌خواهم", "👩‍🔬", "a b", "x'"])("%s is a name", (name) => {
  const model = variant("device.leads.0.name", name) as { reservoirs: Record<string, unknown> };
  const { left, ...others } = model.reservoirs;
  model.reservoirs = { [name]: left, ...others };
  expect(resolveModel(model).device.leads[0].name).toBe(name);
});

test("a title becomes one line that shows", () => {
  const { title } = resolveModel(variant("title", " a\n\u001b[2Jmotor\u202e \u0000\ud800"));
  expect(title).toBe("a [2Jmotor");
});
