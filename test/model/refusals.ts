// Tables of refusals: what is wrong in a model, the field the error must name, and words its message must hold.

import { expect, test } from "vitest";
import { InputError } from "../../src/base/errors.js";
import { resolveModel } from "../../src/model/resolve/resolve.js";

export type Refusal = [what: string, input: unknown, field: string, message: RegExp];

/** One test per refusal: an InputError, its field, its words and its form. */
export function testRefusals(refusals: Refusal[]): void {
  test.each(refusals)("%s", (_, input, field, message) => {
    let error: unknown;
    try {
      resolveModel(input);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InputError);
    const refused = error as InputError;
    expect(refused.message).toMatch(message);
    expect(refused.field).toBe(field);
    expect(refused.message.startsWith(`${field}: `)).toBe(true);
    expect(refused.message).toContain(`; expected ${refused.expected}, found ${refused.found}.`);
  });
}
