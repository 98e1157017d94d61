import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ndarray, PlainDate } from "@snakepit/bridge-proto";
import type { SnakepitError } from "@snakepit/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, Snakepit } from "./index.ts";
import { LONG_TIME_LIMITS } from "./testing/host-under-test.ts";
import { TEST_REGISTRIES } from "./testing/registries.ts";

const TOOLS = new URL("./testing/argument_tools.py", import.meta.url);

describe("arguments have the annotated type, or the call is rejected", () => {
  let directory: string;
  let pit: Snakepit;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "snakepit-arguments-"));
    const registry = (await TEST_REGISTRIES["SQLite"]?.(directory))?.location;
    pit = await Snakepit.start({ ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1, registry, logger: false });
  });
  afterAll(async () => {
    await pit.close();
    rmSync(directory, { recursive: true });
  });

  test.each([
    ["pet", { value: { kind: "cat", lives: 9 } }, "Cat(kind='cat', lives=9)"],
    ["pet", { value: { kind: "dog", dogName: "Rex" } }, "Dog(kind='dog', name='Rex')"],
    ["loan", { value: { rate: 0.5, months: 3 } }, "Loan(rate=<Rate.LOW: 0.5>, months=3, pet=None)"],
    ["path", { value: "x" }, "'x'"],
    ["array", { value: [1, 2] }, "list"],
    ["array", { value: new Float64Array(3) }, "ndarray"],
    ["array", { value: ndarray(new Float64Array(4), [2, 2]) }, "ndarray"],
    ["day", { value: new Date() }, "datetime"],
    ["day", { value: "2024-01-02" }, "date"],
    ["byte", { value: 255 }, "np.uint8(255)"],
    ["positive", { a: 1, b: 2, c: 3 }, [1, 2, 3]],
    ["pair", { value: [1, "x"] }, "Pair(left=1, right='x')"],
    ["names", { value: { 1: "a", "-2": "b" } }, ["(1, 'a')", "(-2, 'b')"]],
    ["names", { value: new Map([[1, "a"]]) }, ["(1, 'a')"]],
    [
      "standard",
      { address: "10.0.0.1", part: "1/3", queue: [1, 2], counts: { a: 2 } },
      ["IPv4Address('10.0.0.1')", "Fraction(1, 3)", "deque([1, 2])", "Counter({'a': 2})"],
    ],
    ["log_in", { secret: "hunter2" }, 7],
  ])("%s(%j) receives the annotated type (V1 to V4, E8)", async (tool, args, expected) => {
    expect(await pit.execute(tool, args)).toEqual(expected);
  });

  test("a named tuple is accepted when it is sent back (V9)", async () => {
    expect(await pit.execute("pair", { value: await pit.execute("make_pair") })).toBe("Pair(left=1, right='x')");
  });

  test.each([
    ["pet", { value: { kind: "fish" } }, "must be one of 'cat', 'dog'; got 'fish' at value.kind"],
    ["pet", { value: { kind: "cat", lives: 0 } }, "at value.lives"],
    ["pet", { value: 5 }, "Cat | Dog"],
    ["loan", { value: { rate: 99, months: 3 } }, "Invalid enum value 99 at value.rate"],
    ["loan", { value: { rate: 0.5, months: "3" } }, "Expected int, got str at value.months"],
    ["loan", { value: { rate: 0.5, months: 3, pet: { kind: "dog" } } }, "at value.pet.dogName"],
    ["array", { value: "x" }, "np.ndarray | list[float]"],
    ["day", { value: 5 }, "must be datetime.date | datetime.datetime; got int (5)"],
    ["byte", { value: 300 }, "out of its range (0 to 255)"],
    ["byte", { value: 1.5 }, "must be np.uint8; got float (1.5)"],
    ["byte", { value: true }, "must be np.uint8; got bool (True)"],
    ["positive", { a: -1 }, "argument 'a'"],
    ["positive", { b: -1 }, "argument 'b'"],
    ["positive", { c: "9" }, "argument 'c'"],
    ["names", { value: { one: "a" } }, "key 'one' must be int"],
    ["date", { value: new Date() }, "Expected date, got datetime; send a PlainDate"],
    ["numbers", { value: new Float64Array(2) }, "Expected array, got ndarray; send Array.from() of it"],
    ["matrix", { value: [1, 2] }, "Expected ndarray, got list; send a typed array or ndarray()"],
    ["matrix", { value: { 0: 1, 1: 2, length: 2 } }, "Expected ndarray, got dict; send a typed array or ndarray()"],
    ["matrix", { value: new Uint8Array(2) }, "Expected ndarray, got bytes; send a typed array or ndarray()"],
    ["tuples", { value: { "1,2": 3 } }, "to send keys that are not strings, send a Map"],
    [
      "engine",
      { value: {} },
      "an argument cannot be converted to Engine; annotate the parameter with the type that is sent",
    ],
  ])("%s(%j) is rejected: %s (V1 to V4)", async (tool, args, message) => {
    const error = await pit.execute(tool, args).catch((caught: SnakepitError) => caught);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) });
    expect((error as SnakepitError).message).toContain(`${tool}()`);
  });

  test.each([
    ["date", { value: new PlainDate(2024, 1, 2) }, "2024-01-02"],
    ["numbers", { value: Array.from(new Float64Array(2)) }, [0, 0]],
    ["matrix", { value: new Float64Array([1, 2]) }, [1, 2]],
    ["matrix", { value: ndarray(new Float64Array([1, 2]), [2]) }, [1, 2]],
    ["tuples", { value: new Map([[[1, 2], 3]]) }, [1, 2]],
  ])("%s(%j): the value that the error suggests is accepted (E8)", async (tool, args, expected) => {
    expect(await pit.execute(tool, args)).toEqual(expected);
  });

  test("a rejected secret appears neither in the message nor in any other property of the error (E9)", async () => {
    const error = await pit.execute("log_in", { secret: ["hunter2"] }).catch((caught: SnakepitError) => caught);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining("argument 'secret'") });
    const { message, stack, details, cause } = error as SnakepitError;
    expect(JSON.stringify({ message, stack, details, cause })).not.toContain("hunter2");
  });

  test("tools() reports which parameters are not checked, and why (V1)", () => {
    const unchecked = pit.tools().flatMap(({ name, parameters }) => {
      return parameters.filter((each) => each.unchecked !== undefined).map((each) => [name, each.unchecked]);
    });
    expect(unchecked).toEqual([
      ["engine", "an argument cannot be converted to Engine"],
      ["anything", "Any accepts every value"],
    ]);
  });
});
