import { describe, expect, test } from "vitest";
import type { Session } from "../index.ts";
import { hostsOfTests, OPTIONS, repeat, STORES } from "../testing/contention.ts";
import { until } from "../testing/processes.ts";

const UPDATES = 15;
/**
 * The maximum number of attempts of an update in one host: the second attempt reserves what it updates, and after seven
 * more conflicts, the reservation lasts 12.8 s.
 */
const MAX_ATTEMPTS = 10;

type Counter = Readonly<Record<string, unknown>>;

const open = hostsOfTests();
const increment = ({ n }: Counter) => ({ n: Number(n) + 1 });

/** Ways to write the program `p` or the metadata without a pause, by name. */
const HOT = {
  "stores of a program": (session: Session) => () => session.programs.store("p", { n: 0 }).then(() => 0),
  "updates of a program": (session: Session) => () => session.programs.update("p", increment).then(() => 1),
  "updates of a program in Python": (session: Session) => () =>
    session.execute("refine", { program_id: "p", times: 20 }).then(() => 20),
  "updates of metadata": (session: Session) => () => session.update(increment).then(() => 1),
} as const;

/** Makes updates one after the other with a function that waits; resolves with the most attempts of one of them. */
async function updateLater(update: (change: (before: Counter) => Promise<Counter>) => Promise<unknown>) {
  let most = 0;
  for (let i = 0; i < UPDATES; i++) {
    let attempts = 0;
    await update(async (before) => {
      attempts += 1;
      // Other writers have time for many writes.
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      return increment(before);
    });
    most = Math.max(most, attempts);
  }
  return most;
}

/** Ways to make a number of updates; each resolves with the most attempts of one of them. */
const UPDATERS = {
  "a program in Python": (session: Session) => session.execute<number>("refine", { program_id: "p", times: UPDATES }),
  "a program in async Python": (session: Session) =>
    session.execute<number>("refine_later", { program_id: "p", times: UPDATES }),
  "a program in TypeScript, with an async function": (session: Session) =>
    updateLater((change) => session.programs.update<Counter>("p", change)),
  "metadata, with an async function": (session: Session) => updateLater((change) => session.update(change)),
} as const;

type Case = readonly [updater: keyof typeof UPDATERS, hot: keyof typeof HOT];

const CASES: readonly Case[] = [
  ["a program in Python", "stores of a program"],
  ["a program in async Python", "updates of a program"],
  ["a program in TypeScript, with an async function", "updates of a program in Python"],
  ["a program in TypeScript, with an async function", "updates of a program"],
  ["metadata, with an async function", "updates of metadata"],
];

/** Resolves with the most attempts of an update. */
async function updateNextTo(session: Session, [updater, way]: Case): Promise<number> {
  await session.programs.store("p", { n: 0 });
  await session.update(() => ({ n: 0 }));
  const hot = await repeat(HOT[way](session));
  const attempts = await UPDATERS[updater](session).finally(() => hot.stop());
  const sum = UPDATES + (await hot.stop());
  if (way === "stores of a program") return attempts;
  await until("every update was made, and no more", async () => {
    const { n } = way === "updates of metadata" ? await session.metadata() : await session.programs.get<Counter>("p");
    expect(n).toBeLessThanOrEqual(sum);
    return n === sum;
  });
  return attempts;
}

describe.each(Object.keys(STORES) as (keyof typeof STORES)[])("with the store in %s", (store) => {
  test.each(CASES)("updates of %s all succeed next to %s without a pause", OPTIONS, async (...which) => {
    const [session] = (await open(store)) as [Session];
    expect(await updateNextTo(session, which)).toBeLessThanOrEqual(MAX_ATTEMPTS);
  });
});
