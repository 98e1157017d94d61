import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { startPostgresServer, testPostgres } from "@snakepit/registry/testing/postgres-server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { python, type Session, Snakepit, SnakepitError } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { type Counts, mixedUpdates, NAMES, prepare, stateOf, type Written } from "../testing/mixed-updates.ts";
import { until } from "../testing/processes.ts";

const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;
/** Updates from both hosts together: a few hundred in the ordinary suite, more in the long form, or any number. */
const UPDATES = Number(process.env["SNAKEPIT_UPDATES"] ?? (LONG_TESTS ? 800 : 400));
const OPTIONS = { timeout: 300_000 + UPDATES * 20 };

let url: string;
const pits: Snakepit[] = [];

beforeEach(async () => {
  url = await (await testPostgres()).createDatabase();
});
afterEach(async () => {
  await Promise.all(pits.splice(0).map((pit) => pit.close()));
});

async function host(): Promise<Snakepit> {
  const pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 1,
    logger: false,
    sessions: { store: { url }, maxStaleMs: 1_000 },
  });
  pits.push(pit);
  return pit;
}

interface Watcher {
  /** The last received value of each variable. */
  readonly last: ReadonlyMap<string, unknown>;
  end(): Promise<void>;
}

/** Watches all variables of a session. */
function watched(session: Session): Watcher {
  const last = new Map<string, unknown>();
  const controller = new AbortController();
  const reading = (async () => {
    for await (const change of session.variables.watch("*", { signal: controller.signal })) {
      last.set(change.name, change.deleted ? undefined : change.value);
    }
  })().catch((thrown: unknown) => {
    if (!(thrown instanceof SnakepitError) || thrown.code !== "CANCELLED") throw thrown;
  });
  return {
    last,
    end: () => {
      controller.abort();
      return reading;
    },
  };
}

/** A session with variables, metadata and a program on two hosts, and a watcher of its variables on each. */
async function sharedSession() {
  const sessions = await Promise.all([host(), host()].map(async (pit) => (await pit).session("s")));
  await prepare(sessions[0] as Session);
  return { sessions, watchers: sessions.map(watched) };
}

/** Checks that both hosts and both watchers have the same state, with every update. */
async function expectTheSame(sessions: readonly Session[], watchers: readonly Watcher[], written: Written) {
  let final: Counts = {};
  // The last write of the other host may arrive later.
  await until("both hosts have the same state, with every update that was answered", async () => {
    const [here, there] = await Promise.all(sessions.map(stateOf));
    final = here as Counts;
    return (
      isDeepStrictEqual(here, there) && Object.entries(written.committed).every(([name, n]) => Number(final[name]) >= n)
    );
  });
  for (const [name, value] of Object.entries(final)) {
    expect(value, name).toBeLessThanOrEqual((written.committed[name] ?? 0) + (written.unknown[name] ?? 0));
  }
  for (const { last, end } of watchers) {
    await until("who watches has seen the last value of each", () =>
      NAMES.every((name) => last.get(name) === final[name]),
    );
    await end();
  }
}

describe("two hosts on one PostgreSQL", () => {
  test("share sessions, their changes and their ends", async () => {
    const [one, other] = [await host(), await host()];
    const here = await one.session("s", { metadata: { from: "one" } });
    const there = await other.session("s");
    expect(await there.metadata()).toEqual({ from: "one" });
    await here.variables.register("n", { type: "integer", value: 1 });
    expect(await there.execute("read", { name: "n" })).toBe(1);
    await here.variables.set("n", 2);
    await until("the other host's worker reads the new value", async () => {
      return (await there.execute("read", { name: "n" })) === 2;
    });
    await there.close();
    await until("the first host was notified of the end", async () => {
      const code = await here.execute("pid").catch((thrown: SnakepitError) => thrown.code);
      return code === "UNKNOWN_SESSION";
    });
  });

  test(`lose none of ${UPDATES} concurrent updates, and a watcher receives the last of each`, OPTIONS, async () => {
    const { sessions, watchers } = await sharedSession();
    const written = await mixedUpdates(sessions, UPDATES);
    expect(written.unknown).toEqual({});
    await expectTheSame(sessions, watchers, written);
  });

  test(`lose none of ${UPDATES} concurrent updates while the database is restarted`, OPTIONS, async ({ annotate }) => {
    await using server = await startPostgresServer();
    url = await server.createDatabase();
    const { sessions, watchers } = await sharedSession();
    const half = Promise.withResolvers<void>();
    let isRestarted = false;
    const restart = async () => {
      await half.promise;
      await server.restart().finally(() => {
        isRestarted = true;
      });
    };
    // The updates may be faster than the restart.
    const isRestarting = () => !isRestarted;
    const [written] = await Promise.all([
      mixedUpdates(sessions, UPDATES, (left) => left < UPDATES / 2 && half.resolve(), isRestarting),
      restart(),
    ]);
    await annotate(JSON.stringify(written));
    expect(Object.values(written.unknown)).not.toEqual([]);
    await expectTheSame(sessions, watchers, written);
  });
});
