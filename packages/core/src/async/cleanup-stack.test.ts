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
  const made = new CleanupStack();
  for (const each of cleanups) made.defer(each);
  return made;
}

test("what was opened last is closed first, one after the other", async () => {
  await stack(cleanup("database"), () => void done.push("log"), cleanup("socket")).close();
  expect(done).toEqual(["socket", "log", "database"]);
});

test("closing twice closes once, and both wait for it", async () => {
  const closing = stack(cleanup("database"));
  const first = closing.close();
  expect(closing.close()).toBe(first);
  await closing[Symbol.asyncDispose]();
  expect(done).toEqual(["database"]);
});

test("a failure leaves nothing open, and the first one is reported", async () => {
  const full = new Error("disk full");
  const closing = stack(cleanup("database", new Error("second")), cleanup("log", full), cleanup("socket"));
  await expect(closing.close()).rejects.toMatchObject({
    code: "INTERNAL",
    message: "closing failed: disk full",
    cause: full,
  });
  expect(done).toEqual(["socket", "log", "database"]);
});

test("an error of ours is reported unchanged", async () => {
  const error = new SnakepitError("REGISTRY_UNAVAILABLE", "away");
  await expect(stack(cleanup("registry", error)).close()).rejects.toBe(error);
});

test("what is added while it closes is closed too", async () => {
  const closing = stack(cleanup("database"));
  const closed = closing.close();
  closing.defer(cleanup("late"));
  await closed;
  await closing.close();
  expect(done.sort()).toEqual(["database", "late"]);
});

test("what is added to a closed stack is closed at once, even when closing failed", async () => {
  const closing = stack(cleanup("database", new Error("no")));
  await expect(closing.close()).rejects.toThrow("no");
  closing.defer(cleanup("late"));
  await expect(closing.close()).rejects.toThrow("no");
  expect(done).toEqual(["database", "late"]);
});

test("`await using` closes it", async () => {
  {
    await using _ = stack(cleanup("database"));
  }
  expect(done).toEqual(["database"]);
});
