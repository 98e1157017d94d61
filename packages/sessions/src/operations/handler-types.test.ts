import type { OperationHandlers, OperationOf, OperationRequests } from "@snakepit/core";
import { describe, expectTypeOf, test } from "vitest";
import type { Operations } from "./operations.ts";

// The errors of the compiler when an operation is added or changed; checked by `tsc`.

type ProgramListing = OperationHandlers<"programs.list">;

const listing: ProgramListing["programs.list"] = async ({ pattern }) => ({
  programs: [{ id: pattern ?? "p", version: 1, updated_at: 0 }],
});

describe("handlers", () => {
  test("exist for each operation: a missing one does not compile", () => {
    // @ts-expect-error `tools.call` and `tools.stream` are missing.
    const handlers: OperationHandlers<OperationOf<"tools">> = { "tools.list": async () => ({ tools: [] }) };
    void handlers;
  });

  test("exist for no other operation: an extra one does not compile", () => {
    const handlers: ProgramListing = {
      "programs.list": listing,
      // @ts-expect-error The operation is unknown.
      "programs.rename": async () => ({ programs: [] }),
    };
    void handlers;
  });

  test("return the answer type of the operation", () => {
    // @ts-expect-error The version is missing.
    const incomplete: ProgramListing = { "programs.list": async () => ({ programs: [{ id: "p", updated_at: 0 }] }) };
    // @ts-expect-error The operation returns one value.
    const stream: ProgramListing = { "programs.list": async function* () {} };
    void incomplete;
    void stream;
  });

  test("receive the payload with its defaults, and a session where one is required", () => {
    type Watch = Parameters<OperationHandlers<"variables.watch">["variables.watch"]>;
    expectTypeOf<Watch[0]["names"]>().toEqualTypeOf<readonly string[] | null | undefined>();
    expectTypeOf<Watch[1]["sessionId"]>().toEqualTypeOf<string>();
    type Get = Parameters<OperationHandlers<"programs.get">["programs.get"]>;
    expectTypeOf<Get[0]["may_be_absent"]>().toEqualTypeOf<boolean>();
    expectTypeOf<Get[1]["sessionId"]>().toEqualTypeOf<string | undefined>();
  });
});

describe("callers", () => {
  test("send the payload of the operation", () => {
    expectTypeOf<OperationRequests["variables.get"]>().toEqualTypeOf<{ readonly names: readonly string[] }>();
    expectTypeOf<{ id: string }>().toExtend<OperationRequests["programs.get"]>();
    expectTypeOf<{ id: string; scope: "all" }>().not.toExtend<OperationRequests["programs.get"]>();
  });

  test("execute only operations of the kind that they expect, for which there are handlers", () => {
    const check = (operations: Operations<"programs.list" | "variables.watch">) => {
      const context = {} as never;
      void operations.execute("programs.list", {}, context);
      void operations.stream("variables.watch", {}, context);
      // @ts-expect-error The operation returns a stream.
      void operations.execute("variables.watch", {}, context);
      // @ts-expect-error The operation returns one value.
      void operations.stream("programs.list", {}, context);
      // @ts-expect-error The operation has no handler.
      void operations.execute("session.close", {}, context);
    };
    void check;
  });
});
