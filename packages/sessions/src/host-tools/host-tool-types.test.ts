import * as v from "valibot";
import { describe, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { type HostTool, type HostToolContext, hostTool, type ToolArguments } from "./host-tool.ts";

// Checked by `tsc`, as in a user's project; only the definitions are run.

const tool = { name: "tool", description: "" };

describe("the arguments of a tool", () => {
  test("have the output type of a zod schema", () => {
    const parameters = z.object({
      text: z.string(),
      depth: z.number().default(3),
      mode: z.enum(["fast", "exact"]).optional(),
      bytes: z.instanceof(Uint8Array),
      list: z.string().transform((text) => text.split(",")),
    });
    hostTool({
      ...tool,
      parameters,
      run: (args, context) => {
        expectTypeOf(args.text).toEqualTypeOf<string>();
        expectTypeOf(args.depth).toEqualTypeOf<number>();
        expectTypeOf(args.mode).toEqualTypeOf<"fast" | "exact" | undefined>();
        expectTypeOf(args.bytes).toExtend<Uint8Array>();
        expectTypeOf(args.list).toEqualTypeOf<string[]>();
        expectTypeOf(args).not.toHaveProperty("other");
        expectTypeOf(context).toEqualTypeOf<HostToolContext>();
      },
    });
    expectTypeOf<ToolArguments<typeof parameters>>().toEqualTypeOf<z.output<typeof parameters>>();
  });

  test("have the output type of any other Standard Schema", () => {
    hostTool({
      ...tool,
      parameters: v.object({ text: v.string(), loud: v.optional(v.boolean(), false) }),
      run: (args) => expectTypeOf(args).toEqualTypeOf<{ text: string; loud: boolean }>(),
    });
  });

  test("are values by name with a JSON Schema and without a schema", () => {
    const parameters = { type: "object", properties: { text: { type: "string" } } };
    hostTool({
      ...tool,
      parameters,
      run: (args) => expectTypeOf(args).toEqualTypeOf<Record<string, unknown>>(),
    });
    hostTool({ ...tool, run: (args) => expectTypeOf(args).toEqualTypeOf<Record<string, unknown>>() });
  });

  test("keep their type, so that the function can be called directly", () => {
    const parse = hostTool({ ...tool, parameters: z.object({ text: z.string() }), run: ({ text }) => text });
    expectTypeOf(parse).toEqualTypeOf<HostTool<{ text: string }>>();
    expectTypeOf(parse.run).parameter(0).toEqualTypeOf<{ text: string }>();
  });
});

test("one array can contain tools of all kinds", () => {
  const tools: HostTool[] = [
    hostTool({ ...tool, parameters: z.object({ text: z.string() }), run: ({ text }) => text }),
    hostTool({ ...tool, parameters: {}, run: async (args) => args }),
    hostTool({
      ...tool,
      parameters: z.object({ n: z.int() }),
      async *run({ n }) {
        for (let count = 0; count < n; count++) yield count;
      },
    }),
    { name: "plain", description: "", run: () => 1 },
  ];
  expectTypeOf(tools).toEqualTypeOf<HostTool[]>();
});

test("an invalid definition does not compile", () => {
  // @ts-expect-error a tool has a description
  hostTool({ name: "tool", run: () => 1 });
  // @ts-expect-error a tool has a function
  hostTool({ ...tool });
  // @ts-expect-error a misspelled property
  hostTool({ ...tool, exposeToPython: false, run: () => 1 });
  // @ts-expect-error an argument of another type
  hostTool({ ...tool, parameters: z.object({ text: z.string() }), run: ({ text }: { text: number }) => text });
});
