import { createContext, runInContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { loadPart, toSnakepitError, watchReturned } from "./foreign-errors.ts";
import { SnakepitError } from "./snakepit-error.ts";

describe("toSnakepitError", () => {
  test("returns a SnakepitError unchanged", () => {
    const error = new SnakepitError("CANCELLED", "no");
    expect(toSnakepitError(error, "INTERNAL", "something else")).toBe(error);
  });

  test("wraps another error as the cause", () => {
    const thrown = new TypeError("x is not a function");
    expect(toSnakepitError(thrown)).toMatchObject({ code: "INTERNAL", message: "x is not a function", cause: thrown });
    const wrapped = toSnakepitError(thrown, "WORKER_START_FAILED", 'worker "a" did not start', { pool: "ml" });
    expect(wrapped).toMatchObject({
      code: "WORKER_START_FAILED",
      message: 'worker "a" did not start: x is not a function',
      cause: thrown,
      pool: "ml",
    });
  });

  test.each([
    ["a string", "a string"],
    [42, "42"],
    [null, "null"],
    [undefined, "undefined"],
    [Object.create(null), "a value without a message was thrown"],
    [{ toString: () => ({}) }, "a value without a message was thrown"],
    [Object.assign(new Error(), { message: 7 }), "7"],
  ])("accepts %s", (thrown, message) => {
    expect(toSnakepitError(thrown).message).toBe(message);
  });
});

describe("loadPart", () => {
  test("resolves with the imported module", async () => {
    expect((await loadPart("the path module", import("node:path"))).sep).toBe("/");
  });

  test("rejects with a remedy in a bundle that cannot require a package (E4)", async () => {
    const cause = new Error('Dynamic require of "http2" is not supported');
    await expect(loadPart("the gRPC server", Promise.reject(cause))).rejects.toMatchObject({
      code: "UNSUPPORTED_PLATFORM",
      message: expect.stringMatching(/^loading the gRPC server failed: .*--banner:js='import \{ createRequire \}/),
      cause,
    });
  });

  test("rejects with the part and the cause if the import fails", async () => {
    const missing = "no-such-package-of-snakepit";
    await expect(loadPart("the PostgreSQL driver", import(missing))).rejects.toMatchObject({
      code: "INTERNAL",
      message: expect.stringMatching(/^loading the PostgreSQL driver failed: .*no-such-package-of-snakepit/),
    });
  });
});

describe("watchReturned", () => {
  /** The linter rejects the name, because it turns an object into a promise. */
  const THEN = "then";
  const broken = new Error("broke");

  test.each([
    ["a promise", () => Promise.reject(broken)],
    ["a promise of another realm", () => runInContext("Promise.reject(thrown)", createContext({ thrown: broken }))],
    [
      "a promise of another library",
      () => ({ [THEN]: (_: unknown, reject: (thrown: unknown) => void) => reject(broken) }),
    ],
    [
      "an object with a getter that throws",
      () => ({
        get [THEN]() {
          throw broken;
        },
      }),
    ],
  ])("%s that rejects is reported", async (_, returned: () => unknown) => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    watchReturned(returned(), resolve);
    expect(await promise).toBe(broken);
  });

  test.each([undefined, null, 1, "then", {}, { [THEN]: true }, Promise.resolve(1)])("%o is not", async (returned) => {
    const reported: unknown[] = [];
    watchReturned(returned, (thrown) => reported.push(thrown));
    await new Promise(setImmediate);
    expect(reported).toEqual([]);
  });
});
