import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { testPostgres } from "@snakepit/registry/testing/postgres-server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { python, type Session, Snakepit } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;
const UPDATES = 60;
const OPTIONS = { timeout: 300_000 };

let directory: string;
const pits: Snakepit[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-contended-"));
});
afterEach(async () => {
  await Promise.all(pits.splice(0).map((pit) => pit.close()));
  rmSync(directory, { recursive: true });
});

/** The stores, by name: the option `sessions.store`, or none for the memory of the host. */
const STORES = {
  memory: async () => undefined,
  SQLite: async () => ({ path: join(directory, "sessions.db") }),
  PostgreSQL: async () => ({ url: await (await testPostgres()).createDatabase() }),
} as const;

type Store = Awaited<ReturnType<(typeof STORES)[keyof typeof STORES]>>;

/** Opens the session on a new host with two workers. */
async function open(store: Store): Promise<Session> {
  const pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 2,
    logger: false,
    ...(store !== undefined && { sessions: { store } }),
  });
  pits.push(pit);
  return await pit.session("s");
}

/** Writes without a pause until it is stopped; resolves with the sum of its updates. */
interface Hot {
  /** Can be called twice. */
  stop(): Promise<number>;
}

/** Repeats an action that adds to the variable and resolves with what it added. Returns when it has begun. */
async function repeat(action: () => Promise<number>): Promise<Hot> {
  let added = await action();
  let isStopped = false;
  const repeating = (async () => {
    while (!isStopped) {
      added += await action();
      // A store in memory answers without the event loop, which the other callers need.
      await setImmediate();
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await repeating;
      return added;
    },
  };
}

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

describe.each(Object.entries(STORES))("with the store in %s", (_, createStore) => {
  test.each(IN_ONE_HOST)(
    `${UPDATES} updates in %s all succeed next to %s without a pause`,
    OPTIONS,
    async (...which) => {
      const session = await open(await createStore());
      await expectEveryUpdate(session, session, which);
    },
  );

  test(`${UPDATES} updates in Python all succeed next to sets without a pause`, OPTIONS, async () => {
    const session = await open(await createStore());
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
    const session = await open(await STORES.PostgreSQL());
    await expectEveryUpdate(session, session, which);
  },
);

const ON_TWO_HOSTS: readonly Case[] = [
  ["Python", "updates in TypeScript"],
  ["TypeScript, with an async function", "conditional sets"],
  ["async Python", "conditional sets"],
];

test.each(ON_TWO_HOSTS)(
  `${UPDATES} updates in %s all succeed next to %s on another host without a pause`,
  OPTIONS,
  async (...which) => {
    const store = await STORES.PostgreSQL();
    await expectEveryUpdate(await open(store), await open(store), which);
  },
);
