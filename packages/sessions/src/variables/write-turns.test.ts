import { expect, test } from "vitest";
import { WriteTurns } from "./write-turns.ts";

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
