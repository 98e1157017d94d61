import { describe, expectTypeOf, test } from "vitest";
import type { SessionVariables } from "./session-variables.ts";
import type { VariableDraft } from "./variable.ts";
import type { VariableChange } from "./watching/variable-watch.ts";

// What a caller's compiler accepts and refuses; nothing here runs.
declare const variables: SessionVariables;

describe("the compiler", () => {
  test("accepts a value of the type, and the constraints that the type knows", () => {
    const use = () => [
      variables.register("a", { type: "integer", value: 3n, constraints: { min: 0, max: undefined } }),
      variables.register("a", { type: "choice", value: "x", constraints: { choices: ["x"] } }),
      variables.register("a", { type: "tensor", value: new Float32Array(3), constraints: { shape: [null] } }),
      variables.register("a", { type: "embedding", value: [1, 2n], metadata: { model: "small" } }),
    ];
    expectTypeOf(use).toBeFunction();
  });

  test("refuses a value of another type, another type's constraint, and a choice without choices", () => {
    const use = () => [
      // @ts-expect-error: a text is no integer.
      variables.register("a", { type: "integer", value: "3" }),
      // @ts-expect-error: texts have no greatest one.
      variables.register("a", { type: "string", value: "a", constraints: { max: 3 } }),
      // @ts-expect-error: a choice needs its choices.
      variables.register("a", { type: "choice", value: "a" }),
      // @ts-expect-error: there is no such dtype.
      variables.register("a", { type: "tensor", value: new Float32Array(3), constraints: { dtype: "float31" } }),
    ];
    expectTypeOf(use).toBeFunction();
  });

  test("knows of a change that a deleted variable has no value", () => {
    expectTypeOf<Extract<VariableChange, { deleted: true }>["value"]>().toEqualTypeOf<undefined>();
    expectTypeOf<VariableChange["value"]>().toBeUnknown();
    expectTypeOf<VariableDraft<"float">["value"]>().toEqualTypeOf<number | bigint>();
  });
});
