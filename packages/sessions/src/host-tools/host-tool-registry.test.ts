import { GLOBAL_SCOPE, SnakepitError } from "@snakepit/core";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { type HostTool, hostTool } from "./host-tool.ts";
import { HostToolRegistry } from "./host-tool-registry.ts";

let registry: HostToolRegistry;
beforeEach(() => {
  registry = new HostToolRegistry();
});

function named(name: string, more: Partial<HostTool> = {}): HostTool {
  return { name, description: `The tool ${name}.`, run: () => name, ...more };
}

function names(sessionId?: string): string[] {
  return registry.list(sessionId).map(({ name }) => name);
}

function rejectionOf(tools: unknown, scope?: string): SnakepitError {
  try {
    registry.register(tools as HostTool[], scope);
  } catch (thrown) {
    if (thrown instanceof SnakepitError) return thrown;
    throw thrown;
  }
  throw new Error("it was registered");
}

describe("host tools", () => {
  it("are registered globally or for one session", () => {
    registry.register([named("b"), named("a")]);
    registry.register([named("mine")], "s-1");
    expect(names()).toEqual(["a", "b"]);
    expect(names("s-1")).toEqual(["a", "b", "mine"]);
    expect(names("s-2")).toEqual(["a", "b"]);
    expect(registry.find("mine")).toBeUndefined();
    expect(registry.find("mine", "s-2")).toBeUndefined();
    expect(registry.find("mine", "s-1")?.descriptor.name).toBe("mine");
    expect(registry.find("a", "s-1")?.descriptor.name).toBe("a");
  });

  it("of a session hide global tools with the same name", () => {
    registry.register([named("a", { description: "for all" })]);
    registry.register([named("a", { description: "for one" })], "s-1");
    expect(registry.find("a")?.descriptor.description).toBe("for all");
    expect(registry.find("a", "s-1")?.descriptor.description).toBe("for one");
    expect(registry.list("s-1").map(({ description }) => description)).toEqual(["for one"]);
    registry.unregister(["a"], "s-1");
    expect(registry.find("a", "s-1")?.descriptor.description).toBe("for all");
  });

  it("that are not exposed are hidden from Python, with the global tools that they hide", () => {
    registry.register([named("a"), named("secret", { exposedToPython: false })]);
    registry.register([named("a", { exposedToPython: false })], "s-1");
    expect(registry.listForPython().map(({ name }) => name)).toEqual(["a"]);
    expect(registry.listForPython("s-1")).toEqual([]);
    expect(() => registry.require("secret")).toThrow(/has no tool "secret"/);
    expect(() => registry.require("a", "s-1")).toThrow(/has no tool "a"; available tools: none/);
    expect(registry.find("secret")?.descriptor.exposedToPython).toBe(false);
  });

  it("can be unregistered; unknown names are ignored", () => {
    registry.register([named("a"), named("b")]);
    expect(registry.unregister(["b", "b", "c"])).toEqual(["b"]);
    expect(registry.unregister(["b"], "s-1")).toEqual([]);
    expect(names()).toEqual(["a"]);
    registry.register([named("b")]);
    expect(names()).toEqual(["a", "b"]);
    expect(() => registry.unregister("a")).toThrow('must be a list of strings; got the string "a"; pass ["a"]');
    expect(() => registry.unregister(5 as never)).toThrow("must be a list of strings; got 5");
    expect(() => registry.unregister([named("a")] as never)).toThrow(
      "must be a list of strings; got one with an object with name, description, run",
    );
    expect(names()).toEqual(["a", "b"]);
  });

  it("of a session are removed with it", () => {
    const shared = hostTool({ ...named("own"), parameters: { properties: { a: { type: "string" } } }, run: () => 1 });
    registry.register([named("a")]);
    for (let index = 0; index < 1_000; index++) registry.register([shared, named("other")], `s-${index}`);
    expect(registry.size).toBe(2_001);
    for (let index = 0; index < 1_000; index++) registry.endSession(`s-${index}`);
    registry.endSession(GLOBAL_SCOPE);
    expect(registry.size).toBe(1);
    expect(names("s-1")).toEqual(["a"]);
  });

  it("of a session must not exceed the quota", () => {
    registry = new HostToolRegistry({ maxToolsPerSession: 2 });
    registry.register([named("a")], "s-1");
    const error = rejectionOf([named("b"), named("c")], "s-1");
    expect(error).toMatchObject({
      code: "QUOTA_EXCEEDED",
      details: { sessionId: "s-1", option: "maxToolsPerSession", limit: 2 },
    });
    expect(error.message).toContain('session "s-1" must have at most 2 host tools');
    expect(registry.size).toBe(1);
    registry.register([named("b")], "s-1");
    registry.register([named("a"), named("b"), named("c")]);
  });

  it("have a default quota of 256", () => {
    registry.register(
      Array.from({ length: 256 }, (_, index) => named(`t${index}`)),
      "s-1",
    );
    expect(rejectionOf([named("one-more")], "s-1").code).toBe("QUOTA_EXCEEDED");
  });
});

describe("the description of a tool", () => {
  it("is JSON: name, description, parameters, schema, metadata", () => {
    const parameters = {
      type: "object",
      properties: { text: { type: "string", description: "What to parse." }, depth: { type: "integer", default: 3 } },
      required: ["text"],
    };
    registry.register([named("parse", { parameters, metadata: { owner: "me" } })]);
    const [descriptor] = registry.list();
    expect(descriptor).toEqual({
      name: "parse",
      description: "The tool parse.",
      parameters: [
        { name: "text", type: "str", required: true, description: "What to parse." },
        { name: "depth", type: "int", required: false, default: "3" },
      ],
      streaming: false,
      jsonSchema: parameters,
      metadata: { owner: "me" },
      exposedToPython: true,
    });
    expect(JSON.parse(JSON.stringify(descriptor))).toEqual(descriptor);
  });

  it("does not change with the definition", () => {
    const metadata = { list: [1] };
    const parameters = { properties: { a: {} as object } };
    registry.register([named("a", { metadata, parameters })]);
    metadata.list.push(2);
    parameters.properties.a = { type: "string" };
    expect(registry.list()[0]).toMatchObject({
      metadata: { list: [1] },
      jsonSchema: { properties: { a: {} } },
    });
  });

  it.each([
    ["a generator function", { *run() {} }, true],
    ["an async generator function", { async *run() {} }, true],
    ["any other function", { run: () => [] }, false],
    ["one that declares it", { streaming: true, run: () => [] }, true],
  ])("states whether the tool streams: %s", (_, more, streaming) => {
    registry.register([named("a", more)]);
    expect(registry.list()[0]?.streaming).toBe(streaming);
  });
});

describe("an invalid batch", () => {
  it("is not registered, and every problem is listed", () => {
    registry.register([named("there")]);
    const error = rejectionOf([
      named("fine"),
      named("bad name"),
      named("twice", { metadata: { when: new Date() } }),
      named("twice"),
      named("there", { exposedToPython: "yes" as never }),
      null,
    ]);
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.message).toBe(`registration of host tools failed with 6 problems; no tool was registered:
  bad name: name must consist of letters, digits, "_", "-" or "." (ASCII) and begin with a letter or digit
  twice: metadata.when is a date, which JSON cannot represent
  twice: occurs more than once in the list
  there: exposedToPython must be a boolean; got "yes"
  there: is already registered; unregister it first
  tools[5]: must be a tool; got null; create it with hostTool({ … })`);
    expect(error.details).toMatchObject({ problems: [{ tool: "bad name" }, {}, {}, {}, {}, {}] });
    expect(names()).toEqual(["there"]);
  });

  it.each([
    [
      "no list",
      named("a"),
      "the tools to register must be an array; got an object with name, description, run; write register([tool])",
    ],
    ["no name", [{ description: "", run: () => 1 }], "tools[0]: name must be a string; got undefined"],
    ["an empty name", [named("")], "and begin with a letter or digit"],
    ["a name that begins with a dot", [named(".a")], "and begin with a letter or digit"],
    ["a name with an umlaut", [named("grün")], "and begin with a letter or digit"],
    ["a name that ends in a new line", [named("a\n")], "and begin with a letter or digit"],
    ["a long name", [named("a".repeat(65))], "name must have at most 64 bytes; got 65"],
    ["no description", [{ name: "a", run: () => 1 }], "a: description must be a string; got undefined"],
    [
      "a long description",
      [named("a", { description: "x".repeat(4_097) })],
      "must have at most 4096 characters; got 4097",
    ],
    ["no function", [{ name: "a", description: "" }], "a: run must be a function; got undefined"],
    ["metadata that is an array", [named("a", { metadata: [] as never })], "metadata must be an object; got an array"],
    [
      "many entries of metadata",
      [named("a", { metadata: numbered(33) })],
      "metadata must have at most 32 entries; got 33",
    ],
    [
      "large metadata",
      [named("a", { metadata: { a: "ä".repeat(2_048) } })],
      "metadata must have at most 4096 bytes as JSON; got 4104",
    ],
    ["a misspelled property", [{ ...named("a"), exposeToPython: false }], "did you mean exposedToPython?"],
    ["an unknown property", [{ ...named("a"), cache: true }], "cache is not a property of a tool"],
    ["invalid parameters", [named("a", { parameters: "text" as never })], "a: parameters: must be a Standard Schema"],
    [
      "a schema that is not valid",
      [named("a", { parameters: { type: "strin" } })],
      "parameters: schema is invalid: data/type",
    ],
    [
      "a schema of something else",
      [named("a", { parameters: { type: "string" } })],
      'must describe an object; got "string"',
    ],
    [
      "a property whose schema is not valid",
      [named("a", { parameters: { properties: { b: { type: "strin" } } } })],
      "parameters: schema is invalid: data/properties/b/type",
    ],
    [
      "a schema that JSON cannot represent",
      [named("a", { parameters: { properties: { b: /x/ } } })],
      "parameters: the schema.properties.b is an instance of RegExp, which JSON cannot represent",
    ],
    [
      "schemas by name instead of one schema of an object",
      [named("a", { parameters: { text: z.string() } })],
      "parameters: must be one schema of an object; wrap the schemas, for example in z.object({ … })",
    ],
    [
      "arguments by name that are not under properties",
      [named("a", { parameters: { text: { type: "string" }, depth: { type: "number" } } })],
      "parameters: must use keywords of JSON Schema; got text, depth; describe arguments under properties: { properties: { text: … } }",
    ],
    [
      "a schema that refers to nothing",
      [named("a", { parameters: { properties: { b: { $ref: "#/$defs/c" } } } })],
      "can't resolve reference #/$defs/c",
    ],
    [
      "a schema of another draft",
      [named("a", { parameters: { $schema: "http://json-schema.org/draft-04/schema#" } })],
      'no schema with key or ref "http://json-schema.org/draft-04/schema#"',
    ],
    ["a schema that would be asynchronous", [named("a", { parameters: { $async: true } })], "$async is not supported"],
  ])("may contain %s", (_, tools, message) => {
    const error = rejectionOf(tools);
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.message).toContain(message);
    expect(registry.size).toBe(0);
  });

  it("does not include values at the limits", () => {
    registry.register([
      named("A-1_b.c"),
      named("9".repeat(64), { description: "x".repeat(4_096), metadata: numbered(32) }),
      named("m", { metadata: { a: "x".repeat(4_096 - 8) } }),
    ]);
    expect(registry.size).toBe(3);
  });

  it("can be corrected and registered", () => {
    expect(rejectionOf([named("a"), named("b c")]).code).toBe("INVALID_ARGUMENT");
    registry.register([named("a"), named("b-c")]);
    expect(names()).toEqual(["a", "b-c"]);
  });
});

function numbered(entries: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: entries }, (_, index) => [`k${index}`, index]));
}
