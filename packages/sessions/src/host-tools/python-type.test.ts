import { describe, expect, it } from "vitest";
import { pythonLiteral, pythonType } from "./python-type.ts";

const ROOT = {
  $defs: {
    name: { type: "string" },
    tree: { type: "array", items: { $ref: "#/$defs/tree" } },
    "a/b": { type: "boolean" },
  },
};

describe("the Python type of a parameter", () => {
  it.each([
    [{ type: "string" }, "str"],
    [{ type: "integer" }, "int"],
    [{ type: "number" }, "float"],
    [{ type: "boolean" }, "bool"],
    [{ type: "null" }, "None"],
    [{ type: "object", properties: { a: {} } }, "dict"],
    [{ type: "object" }, "dict"],
    [{ type: "object", additionalProperties: { type: "number" } }, "dict[str, float]"],
    [{ type: "array" }, "list"],
    [{ type: "array", items: { type: "array", items: { type: "integer" } } }, "list[list[int]]"],
    [{ type: "array", items: {} }, "list[Any]"],
    [{ type: "array", prefixItems: [{ type: "string" }, { type: "integer" }] }, "tuple[str, int]"],
    [{ type: ["string", "null"] }, "str | None"],
    [{ type: ["null", "integer"] }, "int | None"],
    [{ anyOf: [{ type: "null" }, { type: "string" }, { type: "integer" }] }, "str | int | None"],
    [{ oneOf: [{ type: "string" }, { type: "string", maxLength: 1 }] }, "str"],
    [{ anyOf: [{ type: "string" }, {}] }, "Any"],
    [{ allOf: [{ description: "x" }, { type: "integer" }] }, "int"],
    [{ enum: ["a", 1, null, true] }, "Literal['a', 1, None, True]"],
    [{ const: "a" }, "Literal['a']"],
    [{ $ref: "#/$defs/name" }, "str"],
    [{ $ref: "#/$defs/a~1b" }, "bool"],
    [{ $ref: "#/$defs/missing" }, "Any"],
    [{ $ref: "https://example.com/schema" }, "Any"],
    [{}, "Any"],
    [true, "Any"],
    [false, "Never"],
    [{ type: "strange" }, "Any"],
    [{ anyOf: [] }, "Any"],
  ])("%j is %s", (schema, expected) => {
    expect(pythonType(schema, ROOT)).toBe(expected);
  });

  it("terminates for a recursive schema", () => {
    expect(pythonType({ $ref: "#/$defs/tree" }, ROOT)).toMatch(/^(list\[)+Any\]+$/);
  });
});

describe("a Python literal", () => {
  it.each([
    [null, "None"],
    [true, "True"],
    [false, "False"],
    [1.5, "1.5"],
    ["text", "'text'"],
    ["it's", `"it's"`],
    [`it's "so"`, `'it\\'s "so"'`],
    ["a\\b\n\t\r\u0000\u007f", "'a\\\\b\\n\\t\\r\\x00\\x7f'"],
    ["grün \u{1f40d}", "'grün \u{1f40d}'"],
    ["\ud800", "'\\ud800'"],
    [[1, "a", [null]], "[1, 'a', [None]]"],
    [{ a: { b: true } }, "{'a': {'b': True}}"],
    [[], "[]"],
  ])("%j is %s", (value, expected) => {
    expect(pythonLiteral(value)).toBe(expected);
  });
});
