import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { testPostgres } from "@snakepit/registry/testing/test-postgres";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { python, type Session, Snakepit, SnakepitError } from "../index.ts";
import { until } from "../testing/processes.ts";

const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;
/** Updates from both hosts together: some hundreds in the ordinary suite, 10,000 in the long form. */
const UPDATES = Number(process.env["SNAKEPIT_UPDATES"] ?? 800);
const NAMES = ["a", "b", "c", "d", "e"];

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
    worker: python(TOOLS),
    size: 1,
    logger: false,
    sessions: { store: { url }, maxStaleMs: 1_000 },
  });
  pits.push(pit);
  return pit;
}

/** What a watcher of all variables has seen last. */
function watched(session: Session): { readonly last: Map<string, unknown>; readonly end: () => Promise<void> } {
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

describe("two hosts on one PostgreSQL", () => {
  test("see each other's sessions, changes and endings", async () => {
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
    await until("the first host has heard of the end", async () => {
      const code = await here.execute("pid").catch((thrown: SnakepitError) => thrown.code);
      return code === "UNKNOWN_SESSION";
    });
  });

  test(`lose none of ${UPDATES} updates from both, and whoever watches sees the last of each`, {
    timeout: 30_000 + UPDATES * 20,
  }, async () => {
    const sessions = await Promise.all([host(), host()].map(async (pit) => (await pit).session("s")));
    const [first] = sessions as [Session];
    for (const name of NAMES) await first.variables.register(name, { type: "integer", value: 0 });
    await first.update(() => ({ n: 0 }));
    await first.programs.store("p", { n: 0 });
    const watchers = sessions.map(watched);

    let left = UPDATES;
    const made = { metadata: 0, program: 0, variables: new Map(NAMES.map((name) => [name, 0])) };
    const worker = async (session: Session) => {
      while (left > 0) {
        const turn = left--;
        const name = NAMES[turn % NAMES.length] as string;
        if (turn % 20 === 0) {
          await session.update(({ n }) => ({ n: Number(n) + 1 }));
          made.metadata += 1;
        } else if (turn % 20 === 1) {
          await session.programs.update<{ n: number }>("p", ({ n }) => ({ n: n + 1 }));
          made.program += 1;
        } else {
          if (turn % 20 === 2) await session.execute("increment", { name, times: 1 });
          else await session.variables.update<number>(name, (n) => n + 1);
          made.variables.set(name, (made.variables.get(name) ?? 0) + 1);
        }
      }
    };
    await Promise.all(sessions.flatMap((session) => Array.from({ length: 4 }, () => worker(session))));

    const expected = Object.fromEntries(made.variables);
    for (const session of sessions) {
      await until("this host sees the same state", async () => {
        const seen = await session.variables.getMany(NAMES);
        return JSON.stringify(seen) === JSON.stringify(expected);
      });
      expect(await session.metadata()).toEqual({ n: made.metadata });
      expect(await session.programs.get("p")).toEqual({ n: made.program });
    }
    for (const { last, end } of watchers) {
      await until("the watcher has seen the last value of each", () => {
        return NAMES.every((name) => last.get(name) === expected[name]);
      });
      await end();
    }
  });

  test("go on when the database has been away for a while", async () => {
    await using server = await (await import("@snakepit/registry/testing/postgres-server")).startPostgresServer();
    url = await server.createDatabase();
    const sessions = await Promise.all([host(), host()].map(async (pit) => (await pit).session("s")));
    const [first] = sessions as [Session];
    await first.variables.register("n", { type: "integer", value: 0 });
    const watchers = sessions.map(watched);
    const counts = { committed: 0, unknown: 0 };
    let isOver = false;
    const worker = async (session: Session) => {
      while (!isOver) {
        try {
          await session.variables.update<number>("n", (n) => n + 1);
          counts.committed += 1;
        } catch (thrown) {
          if (!(thrown instanceof SnakepitError) || thrown.code !== "REGISTRY_UNAVAILABLE") throw thrown;
          // It may have been written before the connection broke.
          counts.unknown += 1;
          await sleep(20);
        }
      }
    };
    const working = Promise.all(sessions.map(worker));
    await until("updates are made and watched", () => {
      return counts.committed > 20 && watchers.every(({ last }) => last.has("n"));
    });
    await server.restart();
    const before = counts.committed;
    await until("updates are made again", () => counts.committed > before + 20, 30_000);
    isOver = true;
    await working;
    const final = await first.variables.get<number>("n");
    expect(final).toBeGreaterThanOrEqual(counts.committed);
    expect(final).toBeLessThanOrEqual(counts.committed + counts.unknown);
    for (const session of sessions) {
      await until("both hosts have the same value", async () => (await session.variables.get("n")) === final);
    }
    for (const { last, end } of watchers) {
      await until("the watcher has seen the last value", () => last.get("n") === final);
      await end();
    }
  });
});
