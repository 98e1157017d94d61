import { describe, expectTypeOf, test } from "vitest";
import type { SessionVariables } from "./session-variables.ts";
import type { VariableDraft } from "./variable.ts";
import type { VariableChange } from "./watching/variable-watch.ts";

// What the compiler accepts and rejects; nothing here runs.
declare const variables: SessionVariables;

describe("the compiler", () => {
  test("accepts a value of the type and the constraints of the type", () => {
    const use = () => [
      variables.register("a", { type: "integer", value: 3n, constraints: { min: 0, max: undefined } }),
      variables.register("a", { type: "choice", value: "x", constraints: { choices: ["x"] } }),
      variables.register("a", { type: "tensor", value: new Float32Array(3), constraints: { shape: [null] } }),
      variables.register("a", { type: "embedding", value: [1, 2n], metadata: { model: "small" } }),
    ];
    expectTypeOf(use).toBeFunction();
  });

  test("rejects a value of another type, a constraint of another type, and a choice without choices", () => {
    const use = () => [
      // @ts-expect-error: a string is not an integer.
      variables.register("a", { type: "integer", value: "3" }),
      // @ts-expect-error: strings have no maximum.
      variables.register("a", { type: "string", value: "a", constraints: { max: 3 } }),
      // @ts-expect-error: a choice requires choices.
      variables.register("a", { type: "choice", value: "a" }),
      // @ts-expect-error: the dtype is unknown.
      variables.register("a", { type: "tensor", value: new Float32Array(3), constraints: { dtype: "float31" } }),
    ];
    expectTypeOf(use).toBeFunction();
  });

  test("narrows a deletion to a change without a value", () => {
    expectTypeOf<Extract<VariableChange, { deleted: true }>["value"]>().toEqualTypeOf<undefined>();
    expectTypeOf<VariableChange["value"]>().toBeUnknown();
    expectTypeOf<VariableDraft<"float">["value"]>().toEqualTypeOf<number | bigint>();
  });
});
