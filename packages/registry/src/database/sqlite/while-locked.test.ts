import { expect, it } from "vitest";
import { whileLocked } from "./while-locked.ts";

// SQLITE_BUSY and SQLITE_BUSY_SNAPSHOT.
const locked = Object.assign(new Error("database is locked"), { errcode: 5 });
const lockedSnapshot = Object.assign(new Error("database is locked"), { errcode: 5 | (2 << 8) });

it("retries until the lock is free", async () => {
  const failures = [locked, lockedSnapshot, locked];
  const attempt = () => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return "done";
  };
  expect(await whileLocked(attempt)).toBe("done");
});

it("rejects after the time limit", async () => {
  await expect(whileLocked(() => Promise.reject(locked), 20)).rejects.toBe(locked);
});

it("does not retry after another error", async () => {
  let attempts = 0;
  const attempt = () => {
    attempts += 1;
    throw new Error("constraint");
  };
  await expect(whileLocked(attempt)).rejects.toThrow("constraint");
  expect(attempts).toBe(1);
});
