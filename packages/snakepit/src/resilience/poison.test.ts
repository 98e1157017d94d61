import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SnakepitEvents } from "@snakepit/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";

const TOOLS = new URL("../testing/resilience_tools.py", import.meta.url);
const common = commonOptions();

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-poison-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

test("a call that segfaults the interpreter three times is rejected, and the pool serves others throughout", async () => {
  await using pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 2 });
  const poisoned: SnakepitEvents["call.poisoned"][] = [];
  pit.on("call.poisoned", (event) => poisoned.push(event));
  // Other calls run on the same workers all the time.
  const others = new AbortController();
  let served = 0;
  const serving = (async () => {
    while (!others.signal.aborted) {
      expect(await pit.execute("plain", { value: served }, { idempotent: true })).toBe(served);
      served += 1;
    }
  })();
  const journal = join(directory, "segfaults");
  const args = { address: 0, journal };
  for (let crash = 1; crash <= 3; crash++) {
    expect(poisoned).toEqual([]);
    expect(await failure(pit.execute("segfault", args))).toMatchObject({
      code: "WORKER_CRASHED",
      details: { signal: "SIGSEGV" },
    });
  }
  expect(poisoned).toMatchObject([
    { pool: "default", tool: "segfault", crashes: 3, exit: { signal: "SIGSEGV", requested: false } },
  ]);
  const before = served;
  for (let rejection = 0; rejection < 20; rejection++) {
    const error = await failure(pit.execute("segfault", args));
    expect(error).toMatchObject({ code: "POISON_CALL", retryable: false, pool: "default", details: { crashes: 3 } });
    expect(error.message).toMatch(
      /^call of tool "segfault" in pool "default" was rejected: with these arguments, it ended 3 workers in a row \(SIGSEGV\); fix the tool/,
    );
  }
  expect(readFileSync(journal, "utf8").split("\n")).toHaveLength(3 + 1);
  // Other arguments of the same tool are another call.
  expect(await failure(pit.execute("segfault", { address: 1, journal }))).toMatchObject({ code: "WORKER_CRASHED" });
  await expect.poll(() => served, { timeout: 60_000 }).toBeGreaterThan(before + 20);
  others.abort();
  await serving;
  expect(poisoned).toHaveLength(1);
});

test("retries of an idempotent call stop when it is rejected", async () => {
  const retry = { attempts: 10, initialMs: 0, maxMs: 0 };
  const poison = { crashes: 2 };
  await using pit = await Snakepit.start({
    ...common(),
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 1,
    retry,
    poison,
  });
  const journal = join(directory, "retried");
  const error = await failure(pit.execute("segfault", { journal }, { idempotent: true }));
  expect(error).toMatchObject({ code: "POISON_CALL", details: { attempts: 3, crashes: 2 } });
  expect(readFileSync(journal, "utf8").split("\n")).toHaveLength(2 + 1);
  expect(await pit.execute("plain", { value: 7 })).toBe(7);
});
