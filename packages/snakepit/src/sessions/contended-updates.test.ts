import { describe, expect, test } from "vitest";
import { type Session, SnakepitError } from "../index.ts";
import { hostsOfTests, OPTIONS, repeat, STORES } from "../testing/contention.ts";
import { until } from "../testing/processes.ts";

/** Without reservations, each of the first few needs hundreds of attempts. */
const UPDATES = 20;

const open = hostsOfTests();

/** Ways to write the variable without a pause, by name. */
const HOT = {
  "updates in TypeScript": (session: Session) => () =>
    session.variables.update<number>("n", (n) => n + 1).then(() => 1),
  "updates in Python": (session: Session) => () =>
    session.execute("increment", { name: "n", times: 20 }).then(() => 20),
  // Sets the value that the variable has already, so that an update is never undone.
  "conditional sets": (session: Session) => async () => {
    const { value, version } = await session.variables.describe("n");
    await session.variables.compareAndSet("n", value, version);
    return 0;
  },
} as const;

/** Ways to make a number of updates one after the other, by name. */
const UPDATERS = {
  TypeScript: async (session: Session) => {
    for (let i = 0; i < UPDATES; i++) await session.variables.update<number>("n", (n) => n + 1);
  },
  "TypeScript, with an async function": async (session: Session) => {
    for (let i = 0; i < UPDATES; i++) {
      await session.variables.update<number>("n", async (n) => {
        await session.metadata();
        return n + 1;
      });
    }
  },
  Python: (session: Session) => session.execute("increment", { name: "n", times: UPDATES }),
  "async Python": (session: Session) => session.execute("increment_later", { name: "n", times: UPDATES }),
} as const;

type Case = readonly [updater: keyof typeof UPDATERS, hot: keyof typeof HOT];

async function expectEveryUpdate(session: Session, hotSession: Session, [updater, way]: Case): Promise<void> {
  await session.variables.register("n", { type: "integer", value: 0 });
  const hot = await repeat(HOT[way](hotSession));
  await UPDATERS[updater](session).finally(() => hot.stop());
  const sum = UPDATES + (await hot.stop());
  // The last write of another host may arrive later.
  await until("the variable contains every update, and no more", async () => {
    const n = await session.variables.get<number>("n");
    expect(n).toBeLessThanOrEqual(sum);
    return n === sum;
  });
}

/** The cases that failed or took long without reservations; a caller in TypeScript was faster than one in Python. */
const IN_ONE_HOST: readonly Case[] = [
  ["Python", "updates in TypeScript"],
  ["async Python", "updates in Python"],
  ["async Python", "conditional sets"],
];

describe.each(Object.keys(STORES) as (keyof typeof STORES)[])("with the store in %s", (store) => {
  test.each(IN_ONE_HOST)(
    `${UPDATES} updates in %s all succeed next to %s without a pause`,
    OPTIONS,
    async (...which) => {
      const [session] = (await open(store)) as [Session];
      await expectEveryUpdate(session, session, which);
    },
  );

  test(`${UPDATES} updates in Python all succeed next to sets without a pause`, OPTIONS, async () => {
    const [session] = (await open(store)) as [Session];
    await session.variables.register("n", { type: "integer", value: 0 });
    const hot = await repeat(() => session.variables.set("n", 0).then(() => 0));
    await UPDATERS.Python(session).finally(() => hot.stop());
    expect(await session.variables.get("n")).toBe(0);
  });
});

const WITH_POSTGRESQL: readonly Case[] = [
  ["TypeScript", "updates in Python"],
  ["TypeScript, with an async function", "updates in TypeScript"],
];

test.each(WITH_POSTGRESQL)(
  `${UPDATES} updates in %s all succeed next to %s without a pause`,
  OPTIONS,
  async (...which) => {
    const [session] = (await open("PostgreSQL")) as [Session];
    await expectEveryUpdate(session, session, which);
  },
);

/** Ways to make one update, by name. */
const ONE_UPDATE = {
  TypeScript: (session: Session) => session.variables.update<number>("n", (n) => n + 1),
  "TypeScript, with an async function": (session: Session) =>
    session.variables.update<number>("n", async (n) => {
      await session.metadata();
      return n + 1;
    }),
  Python: (session: Session) => session.execute("increment", { name: "n", times: 1 }),
  "async Python": (session: Session) => session.execute("increment_later", { name: "n", times: 1 }),
} as const;

/** Whether an update was given up because another host has written too often. */
function isGivenUp(error: unknown): boolean {
  if (!(error instanceof SnakepitError)) return false;
  return error.details?.["reason"] === "version" || error.python?.type === "VariableConflictError";
}

// A reservation does not delay another host, so updates may be given up there.
test.each(Object.keys(ONE_UPDATE) as (keyof typeof ONE_UPDATE)[])(
  "an update in %s is made once or given up next to writes on another host without a pause",
  OPTIONS,
  async (way) => {
    const [session, other] = (await open("PostgreSQL", 2)) as [Session, Session];
    await session.variables.register("n", { type: "integer", value: 0 });
    const sets = await repeat(HOT["conditional sets"](other));
    let made = 0;
    for (let i = 0; i < 5; i++) {
      try {
        await ONE_UPDATE[way](session);
        made += 1;
      } catch (error) {
        if (!isGivenUp(error)) throw error;
      }
    }
    await sets.stop();
    // The last write of another host may arrive later.
    await until("the variable contains the updates that were made, and no more", async () => {
      const n = await session.variables.get<number>("n");
      expect(n).toBeLessThanOrEqual(made);
      return n === made;
    });
  },
);
