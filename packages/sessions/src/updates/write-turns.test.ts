import { GLOBAL_SCOPE } from "@snakepit/core";
import { describe, expect, test } from "vitest";
import { reservationLimitMs } from "./write-contention.ts";
import { turnOf, WriteTurns } from "./write-turns.ts";

test("work for a key waits only for earlier work for the same key", async () => {
  const turns = new WriteTurns();
  const log: string[] = [];
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const work = (name: string, before?: Promise<void>) => async () => {
    log.push(`${name} begins`);
    await before;
    log.push(`${name} ends`);
  };
  const all = [
    turns.run(["a"], work("first of a", gate)),
    turns.run(["a", "b"], work("both")),
    turns.run(["b"], work("second of b")),
    turns.run(["c"], work("c")),
  ];
  await all[3];
  expect(log).toEqual(["first of a begins", "c begins", "c ends"]);
  open();
  await Promise.all(all);
  expect(log.slice(3)).toEqual([
    "first of a ends",
    "both begins",
    "both ends",
    "second of b begins",
    "second of b ends",
  ]);
  expect(turns.size).toBe(0);
});

test("failed work does not block later work", async () => {
  const turns = new WriteTurns();
  const failing = turns.run(["a", "b"], () => Promise.reject(new Error("mine")));
  const next = turns.run(["b", "a"], async () => "done");
  await expect(failing).rejects.toThrow("mine");
  expect(await next).toBe("done");
  expect(turns.size).toBe(0);
});

describe("a reservation", () => {
  const LIMIT = { limitMs: 600_000 };

  test("delays the work of others in the order of the calls, but not the work within it", async () => {
    const turns = new WriteTurns();
    const log: string[] = [];
    const work = (name: string) => async () => void log.push(name);
    const reservation = await turns.reserve("a", LIMIT);
    const waiting = [turns.run(["a"], work("first")), turns.run(["a", "b"], work("second"))];
    const next = turns.reserved("a", LIMIT, work("third"));
    await turns.run(["c"], work("other key"));
    await turns.within(reservation.id, () => turns.run(["a", "c"], work("within")));
    expect(log).toEqual(["other key", "within"]);
    reservation.release();
    await Promise.all([...waiting, next]);
    expect(log.slice(2)).toEqual(["first", "second", "third"]);
    expect(turns.size).toBe(0);
  });

  test("can be made within another one of the same key, and has its own queue", async () => {
    const turns = new WriteTurns();
    const result = await turns.reserved("a", LIMIT, async () => {
      await turns.run(["a"], async () => {});
      return await turns.reserved("a", LIMIT, () => turns.run(["a"], async () => "innermost"));
    });
    expect(result).toBe("innermost");
    await turns.run(["a"], async () => {});
    expect(turns.size).toBe(0);
  });

  test("ends at its time limit, so that work that it waits for can run", async () => {
    const turns = new WriteTurns();
    const reservation = await turns.reserve("a", { limitMs: 1 });
    expect(await turns.run(["a"], async () => "done")).toBe("done");
    expect(reservation.isActive).toBe(false);
    // Writes within a released reservation wait like those of others.
    const next = await turns.reserve("a", LIMIT);
    const late = turns.within(reservation.id, () => turns.run(["a"], async () => "late"));
    next.release();
    expect(await late).toBe("late");
    expect(turns.size).toBe(0);
  });

  test("leaves the queue when its signal aborts, and is released when it aborts later", async () => {
    const turns = new WriteTurns();
    const first = await turns.reserve("a", LIMIT);
    const controllers = [new AbortController(), new AbortController()] as const;
    const left = turns.reserve("a", { ...LIMIT, signal: controllers[0].signal });
    const second = turns.reserve("a", { ...LIMIT, signal: controllers[1].signal });
    const last = turns.run(["a"], async () => "done");
    controllers[0].abort("enough");
    await expect(left).rejects.toMatchObject({ code: "CANCELLED", cause: "enough" });
    first.release();
    await second;
    controllers[1].abort();
    expect(await last).toBe("done");
    expect(turns.size).toBe(0);
  });

  test("is released with others of its session, also in the queue", async () => {
    const turns = new WriteTurns();
    const ended = [turnOf("s", "variable", "n"), turnOf("s", "program", "n"), turnOf("s", "metadata")];
    const others = [turnOf("s-2", "variable", "n"), turnOf(GLOBAL_SCOPE, "program", "n")];
    const keys = [...ended, ...others];
    const reservations = await Promise.all(keys.map((key) => turns.reserve(key, LIMIT)));
    const queued = turns.reserve(keys[0] as string, LIMIT);
    turns.release("s");
    expect(reservations.map(({ isActive }) => isActive)).toEqual([false, false, false, true, true]);
    expect((await queued).isActive).toBe(false);
    turns.release();
    await turns.run(keys, async () => {});
    expect(turns.size).toBe(0);
  });
});

test("the time limits of the reservations of an update double up to 12.8 s, and are then short", () => {
  const limits = Array.from({ length: 100 }, (_, conflicts) => reservationLimitMs(conflicts));
  expect(limits.slice(0, 10)).toEqual([100, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 100]);
  expect(limits.slice(10).every((limit) => limit === 100)).toBe(true);
});
