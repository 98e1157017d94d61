import { expect, test } from "vitest";
import { SnakepitError } from "../errors/snakepit-error.ts";
import { type Cleanup, CleanupStack } from "./cleanup-stack.ts";

const done: string[] = [];

function cleanup(name: string, failure?: Error): Cleanup {
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    done.push(name);
    if (failure !== undefined) throw failure;
  };
}

function stack(...cleanups: readonly Cleanup[]): CleanupStack {
  done.length = 0;
  const created = new CleanupStack();
  for (const each of cleanups) created.defer(each);
  return created;
}

test("runs cleanups one at a time, in reverse order", async () => {
  await stack(cleanup("database"), () => void done.push("log"), cleanup("socket")).close();
  expect(done).toEqual(["socket", "log", "database"]);
});

test("runs cleanups once if it is closed twice", async () => {
  const closing = stack(cleanup("database"));
  const first = closing.close();
  expect(closing.close()).toBe(first);
  await closing[Symbol.asyncDispose]();
  expect(done).toEqual(["database"]);
});

test("runs all cleanups if some fail, and rejects with the first failure", async () => {
  const full = new Error("disk full");
  const closing = stack(cleanup("database", new Error("second")), cleanup("log", full), cleanup("socket"));
  await expect(closing.close()).rejects.toMatchObject({
    code: "INTERNAL",
    message: "closing failed: disk full",
    cause: full,
  });
  expect(done).toEqual(["socket", "log", "database"]);
});

test("rejects with a SnakepitError unchanged", async () => {
  const error = new SnakepitError("REGISTRY_UNAVAILABLE", "unreachable");
  await expect(stack(cleanup("registry", error)).close()).rejects.toBe(error);
});

test("runs a cleanup that is added while it closes", async () => {
  const closing = stack(cleanup("database"));
  const closed = closing.close();
  closing.defer(cleanup("late"));
  await closed;
  await closing.close();
  expect(done.sort()).toEqual(["database", "late"]);
});

test("runs a cleanup that is added after it has closed, even if closing failed", async () => {
  const closing = stack(cleanup("database", new Error("no")));
  await expect(closing.close()).rejects.toThrow("no");
  closing.defer(cleanup("late"));
  await expect(closing.close()).rejects.toThrow("no");
  expect(done).toEqual(["database", "late"]);
});

test("is closed by `await using`", async () => {
  {
    await using _ = stack(cleanup("database"));
  }
  expect(done).toEqual(["database"]);
});
