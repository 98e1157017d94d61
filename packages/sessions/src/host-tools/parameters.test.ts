import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { callAlone, rejectionOf } from "../testing/host-tool-calls.ts";
import { type HostTool, hostTool, type ToolParameters } from "./host-tool.ts";
import { HostToolRegistry } from "./host-tool-registry.ts";

/** Returns a tool that returns its arguments. */
function echo(parameters: ToolParameters): HostTool {
  return hostTool<ToolParameters>({ name: "echo", description: "", parameters, run: (args) => args });
}

function described(parameters: ToolParameters) {
  const registry = new HostToolRegistry();
  registry.register([echo(parameters)]);
  const [descriptor] = registry.list();
  return descriptor!;
}

async function argumentError(parameters: ToolParameters, args: unknown) {
  const { code, message, details } = await rejectionOf(callAlone(echo(parameters), args));
  expect(code).toBe("INVALID_ARGUMENT");
  return { message, argument: details["argument"] };
}

describe("arguments by name", () => {
  it.each([
    ["an array", [1], 'host tool "echo": arguments must be a map by name; got an array'],
    ["a string", "text", 'host tool "echo": arguments must be a map by name; got "text"'],
  ])("must not be %s", async (_, args, message) => {
    expect(await argumentError({}, args)).toEqual({ message, argument: undefined });
  });

  const schemas = [
    ["zod", z.object({ text: z.string(), depth: z.number().default(3) })],
    [
      "JSON Schema",
      {
        type: "object",
        properties: { text: { type: "string" }, depth: { type: "number", default: 3 } },
        required: ["text", "depth"],
      },
    ],
  ] as const;
  describe.each(schemas)("of a tool described with %s", (_, parameters) => {
    it("are filled in with defaults", async () => {
      expect(await callAlone(echo(parameters), { text: "a" })).toEqual({ text: "a", depth: 3 });
      expect(await callAlone(echo(parameters), { text: "a", depth: 1 })).toEqual({ text: "a", depth: 1 });
    });

    it("are named when they are missing", async () => {
      expect(await argumentError(parameters, {})).toEqual({
        message: 'host tool "echo" requires argument "text"',
        argument: "text",
      });
    });

    it("are rejected when their name is unknown", async () => {
      expect(await argumentError(parameters, { text: "a", dept: 1 })).toEqual({
        message: 'host tool "echo" has no argument "dept"; did you mean "depth"? parameters: text, depth',
        argument: "dept",
      });
      expect((await argumentError(parameters, { text: "a", __proto__x: 1 })).argument).toBe("__proto__x");
    });

    it("are described", () => {
      expect(described(parameters).parameters).toEqual([
        { name: "text", type: "str", required: true },
        { name: "depth", type: "float", required: false, default: "3" },
      ]);
    });
  });

  it.each([
    ["zod", z.looseObject({ a: z.string() })],
    ["JSON Schema", { properties: { a: { type: "string" } }, additionalProperties: true }],
    ["alternatives", { properties: { a: {} }, anyOf: [{ properties: { b: {} } }, {}] }],
    ["nothing", {}],
  ])("may have additional names if the schema allows them: %s", async (_, parameters) => {
    expect(await callAlone(echo(parameters), { a: "1", b: 2 })).toEqual({ a: "1", b: 2 });
  });
});

describe("with zod", () => {
  it("the tool receives the output of the schema", async () => {
    const parameters = z.object({ list: z.string().transform((text) => text.split(",")) });
    expect(await callAlone(echo(parameters), { list: "a,b" })).toEqual({ list: ["a", "b"] });
  });

  it("every invalid argument is reported with its path", async () => {
    const parameters = z.object({ items: z.array(z.object({ "a b": z.number() })), text: z.string() });
    expect(await argumentError(parameters, { items: [{ "a b": 1 }, { "a b": "2" }], text: 1 })).toEqual({
      message:
        'host tool "echo": argument "items[1]["a b"]": Invalid input: expected number, received string; argument "text": Invalid input: expected string, received number',
      argument: "items",
    });
  });

  it("a long list of problems is truncated", async () => {
    const parameters = z.object({ items: z.array(z.number()) });
    const { message } = await argumentError(parameters, { items: Array.from({ length: 9 }, () => "x") });
    expect(message).toContain('argument "items[4]"');
    expect(message).not.toContain('argument "items[5]"');
    expect(message).toMatch(/; and 4 more$/);
  });

  it("checks may be asynchronous and concern all arguments", async () => {
    const parameters = z
      .object({ a: z.number(), b: z.number() })
      .refine(async ({ a, b }) => a < b, { message: "a must be less than b" });
    expect(await callAlone(echo(parameters), { a: 1, b: 2 })).toEqual({ a: 1, b: 2 });
    expect((await argumentError(parameters, { a: 2, b: 1 })).message).toBe(
      'host tool "echo": arguments: a must be less than b',
    );
  });

  it("a type that JSON cannot represent is described as Any, and still checked", async () => {
    const parameters = z.object({ bytes: z.instanceof(Uint8Array), when: z.date().optional() });
    expect(described(parameters).parameters).toEqual([
      { name: "bytes", type: "Any", required: true },
      { name: "when", type: "Any", required: false },
    ]);
    const length = hostTool({ name: "length", description: "", parameters, run: ({ bytes }) => bytes.length });
    expect(await callAlone(length, { bytes: new Uint8Array(3) })).toBe(3);
    expect((await argumentError(parameters, { bytes: "x" })).argument).toBe("bytes");
  });

  it("a schema that does not describe an object is rejected", () => {
    const registry = new HostToolRegistry();
    expect(() => registry.register([echo(z.string())])).toThrow(/must describe an object; got "string"/);
  });
});

describe("with another library that implements Standard Schema", () => {
  it("arguments are checked but not described if it has no JSON Schema", async () => {
    const parameters = v.object({ text: v.string(), loud: v.optional(v.boolean(), false) });
    expect(described(parameters)).toMatchObject({ parameters: [], jsonSchema: undefined });
    expect(await callAlone(echo(parameters), { text: "a" })).toEqual({ text: "a", loud: false });
    expect(await argumentError(parameters, { text: 1 })).toEqual({
      message: 'host tool "echo": argument "text": Invalid type: Expected string but received 1',
      argument: "text",
    });
  });

  it("arguments are checked but not described if it cannot convert the schema", async () => {
    const { validate } = v.object({ text: v.string() })["~standard"];
    const convert = () => {
      throw new Error("cannot be converted");
    };
    const jsonSchema = { input: convert, output: convert };
    const parameters = { "~standard": { version: 1, vendor: "test", validate, jsonSchema } } as const;
    expect(described(parameters).jsonSchema).toBeUndefined();
    expect((await argumentError(parameters, {})).argument).toBe("text");
  });
});

describe("with a JSON Schema", () => {
  const item = { type: "object", properties: { "a/b~c": { enum: ["x", "y"] } }, additionalProperties: false };
  it.each([
    ["a type", { properties: { n: { type: "integer" } } }, { n: 1.5 }, 'argument "n": must be integer', "n"],
    [
      "a big integer",
      { properties: { n: { type: "integer" } } },
      { n: 2n ** 60n },
      'argument "n": must be integer',
      "n",
    ],
    ["a bound", { properties: { n: { minimum: 3 } } }, { n: 2 }, 'argument "n": must be >= 3', "n"],
    [
      "a choice",
      { properties: { i: { items: item } } },
      { i: [{ "a/b~c": "z" }] },
      'argument "i[0]["a/b~c"]": must be equal to one of the allowed values: "x", "y"',
      "i",
    ],
    [
      "a property inside",
      { properties: { i: { items: item } } },
      { i: [{ d: 1 }] },
      'argument "i[0]": must NOT have additional properties, such as "d"',
      "i",
    ],
    [
      "a constant",
      { properties: { c: { const: 1 } } },
      { c: 2 },
      'argument "c": must be equal to constant: 1; got 2',
      "c",
    ],
    [
      "alternatives",
      { properties: { a: { anyOf: [{ type: "string" }, { type: "null" }] } } },
      { a: 1 },
      'argument "a": must match a schema in anyOf',
      "a",
    ],
    [
      "a list of strings",
      { properties: { a: { type: "object", properties: { b: { items: { type: "string" } } } } } },
      { a: { b: ["x", 7] } },
      'argument "a.b[1]": must be string; got 7',
      "a",
    ],
    [
      "a long string",
      { properties: { a: { maxLength: 3 } } },
      { a: "word ".repeat(100) },
      `argument "a": must NOT have more than 3 characters; got "${"word ".repeat(100).slice(0, 59)}…"`,
      "a",
    ],
    [
      "a map",
      { properties: { a: { type: "integer" } } },
      { a: { b: 1, c: 2, d: 3, e: 4 } },
      'argument "a": must be integer; got a map with "b", "c", "d" and 1 more',
      "a",
    ],
    [
      "a number of arguments",
      { minProperties: 1 },
      {},
      "arguments: must NOT have fewer than 1 properties; got an empty map",
      undefined,
    ],
    [
      "a definition",
      { $ref: "#/$defs/args", $defs: { args: { required: ["a"], properties: { a: {} } } } },
      {},
      'requires argument "a"',
      "a",
    ],
  ])("%s is enforced", async (_, parameters, args, message, argument) => {
    const found = await argumentError(parameters, args);
    expect(found.message).toContain(message);
    expect(found.argument).toBe(argument);
  });

  it("formats and unknown keywords are ignored", async () => {
    const parameters = { properties: { a: { type: "string", format: "email", example: "x", "x-order": 1 } } };
    expect(await callAlone(echo(parameters), { a: "no email" })).toEqual({ a: "no email" });
  });

  it("several schemas may share one $id, also when nested", async () => {
    const samples: Record<string, unknown> = { string: "1", integer: 1, boolean: true };
    const parameters = (type: string) => ({ $id: "urn:test:a", properties: { a: { $id: "urn:test:b", type } } });
    for (const type of ["string", "integer", "boolean"]) {
      expect(await callAlone(echo(parameters(type)), { a: samples[type] })).toEqual({ a: samples[type] });
      expect((await argumentError(parameters(type), { a: [] })).argument).toBe("a");
    }
  });

  it("many different schemas can be used in sequence", async () => {
    const parameters = (minimum: number) => ({ properties: { n: { minimum } } });
    const first = echo(parameters(0));
    for (let n = 1; n < 600; n++) expect((await argumentError(parameters(n), { n: n - 1 })).argument).toBe("n");
    expect((await rejectionOf(callAlone(first, { n: -1 }))).message).toContain("must be >= 0");
  });

  it("inherited properties are not arguments", async () => {
    const parameters = { properties: { toString: { type: "string" } }, required: ["toString"] };
    expect((await argumentError(parameters, {})).message).toContain('requires argument "toString"');
    expect(await callAlone(echo({ properties: { constructor: { type: "string" } } }), {})).toEqual({});
  });
});
