import { setImmediate } from "node:timers/promises";
import type { StateChange, StateStore } from "@snakepit/core";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type PostgresServer, startPostgresServer } from "../../testing/postgres-server.ts";
import { runSql } from "../../testing/run-sql.ts";
import { createSession, getVariable, heardOf, StateStores, setVariable } from "../../testing/state-stores.ts";
import { TcpRelay } from "../../testing/tcp-relay.ts";
import { DatabaseStateStore } from "../database-state-store.ts";
import { openPostgresqlState } from "./open-postgresql-state.ts";

/** How long something may take on a loaded machine. */
const PATIENCE_MS = 30_000;

// One of its own, because it is restarted.
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgresServer();
});
afterAll(() => server.close());

const everything: StateChange = { is: "everything" };
const unavailable = { code: "REGISTRY_UNAVAILABLE" };

describe("a state store whose connections are cut", () => {
  it("reads, touches and creates as if nothing had happened", async () => {
    await using there = await behindRelay();
    const { store, relay } = there;
    await setVariable(store, "s", "x", "1");
    relay.cut();
    const now = Date.now();
    const [session, variable] = await Promise.all([
      store.readSession("s"),
      getVariable(store, "s", "x"),
      store.touchSessions([{ id: "s", usedAt: now, lastWorker: "worker-1" }]),
      createSession(store, "t"),
    ]);
    expect(session).toMatchObject({ id: "s" });
    expect(variable).toMatchObject({ value: "1" });
    expect(await store.readSession("s")).toMatchObject({ usedAt: now, lastWorker: "worker-1" });
    expect(await store.readSession("t")).toMatchObject({ id: "t" });
  });

  it("hears that everything may have changed when it is connected again, and then of each change", async () => {
    await using there = await behindRelay();
    const { store, relay, url } = there;
    await using stores = new StateStores();
    const other = await stores.open({ url });
    const heard = heardOf(store);
    await relay.break();
    await setVariable(other, "s", "x", "1");
    await relay.mend();
    await vi.waitFor(() => expect(heard).toContainEqual(everything), PATIENCE_MS);
    expect(await getVariable(store, "s", "x")).toMatchObject({ value: "1" });
    await setVariable(other, "s", "y", "1");
    await vi.waitFor(
      () => expect(heard).toContainEqual({ is: "entries", scope: "s", kind: "variable", names: ["y"] }),
      PATIENCE_MS,
    );
  });

  it("leaves no other without word of what it could not tell", async () => {
    await using there = await behindRelay();
    const { store, relay, url } = there;
    await using stores = new StateStores();
    const heard = heardOf(await stores.open({ url }));
    // The change is committed, and the answer arrives; then nothing goes through any more.
    store.onChange(() => void relay.break());
    expect(await setVariable(store, "s", "x", "1")).toMatchObject({ is: "written" });
    await vi.waitFor(() => expect(heard.length).toBeGreaterThan(0), PATIENCE_MS);
    expect(heard[0]).toEqual(everything);
    await relay.mend();
  });

  it("does not make a write twice that was under way, and says that it does not know", async () => {
    await using there = await behindRelay();
    const { store, relay, url } = there;
    await setVariable(store, "s", "x", "0");
    const { version } = (await getVariable(store, "s", "x")) ?? { version: 0 };
    const blocker = new Client({ connectionString: url });
    await blocker.connect();
    await blocker.query("begin; select from snakepit.entries where name = 'x' for update");
    const rejected = expect(setVariable(store, "s", "x", "1", version)).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/^the state store postgres:\/\/postgres:\*\*\*@.*connection was lost/),
    });
    await vi.waitFor(async () => expect(await waitingFor(url, "update")).toHaveLength(1), PATIENCE_MS);
    relay.cut();
    await rejected;
    await blocker.query("commit");
    await blocker.end();
    // The server goes on with what was sent.
    const once = { value: "1", version: version + 1 };
    await vi.waitFor(async () => expect(await getVariable(store, "s", "x")).toEqual(once), PATIENCE_MS);
    expect(await waitingFor(url, "update")).toEqual([]);
    expect(await setVariable(store, "s", "x", "2", version)).toMatchObject({ is: "conflict" });
  });

  it("makes an atomic batch on another connection, when it was not being committed yet", async () => {
    await using there = await behindRelay();
    const { store, relay, url } = there;
    await setVariable(store, "s", "x", "0");
    const { version } = (await getVariable(store, "s", "x")) ?? { version: 0 };
    const blocker = new Client({ connectionString: url });
    await blocker.connect();
    await blocker.query("begin; select from snakepit.entries where name = 'x' for update");
    const writes = ["x", "y"].map((name) => ({
      name,
      value: Buffer.from("1"),
      attributes: "{}",
      expects: "anything" as const,
    }));
    const batch = { scope: "s", kind: "variable", writes, author: "host", atomic: true, maxEntries: 10 } as const;
    const writing = store.writeEntries(batch, Date.now());
    await vi.waitFor(async () => expect(await waitingFor(url, "select")).toHaveLength(1), PATIENCE_MS);
    relay.cut();
    await blocker.query("commit");
    await blocker.end();
    expect((await writing).map(({ is }) => is)).toEqual(["written", "written"]);
    expect(await getVariable(store, "s", "x")).toEqual({ value: "1", version: version + 1 });
  });

  it("rejects in good time when nothing is carried any more, and then starts afresh", async () => {
    const url = await server.createDatabase();
    const relay = await TcpRelay.to(url);
    const options = { connectTimeoutMs: 400, useTimeoutMs: 100, watchPeriodMs: 1_000 };
    const store = new DatabaseStateStore(await openPostgresqlState(relay.through(url), options));
    await createSession(store, "s");
    // Until then one of the connections is busy, and another one would be made.
    await vi.waitFor(
      async () => expect(await connectionsThat(url, "state = 'idle' and query ~ 'notify'")).toHaveLength(1),
      PATIENCE_MS,
    );
    relay.silence();
    await expect(setVariable(store, "s", "x", "1")).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/no answer within 0\.5 seconds/),
    });
    expect(await store.readSession("s")).toMatchObject({ id: "s" });
    await store.close();
    await relay.break();
  });

  it("is not kept waiting for ever by somebody who holds a lock", async () => {
    const url = await server.createDatabase();
    const options = { connectTimeoutMs: 5_000, useTimeoutMs: 100, watchPeriodMs: 1_000 };
    const store = new DatabaseStateStore(await openPostgresqlState(url, options));
    await createSession(store, "s");
    const blocker = new Client({ connectionString: url });
    await blocker.connect();
    await blocker.query("begin; lock table snakepit.entries");
    await expect(setVariable(store, "s", "x", "1")).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/too slow to answer; see what the server is busy with/),
    });
    await blocker.end();
    expect(await setVariable(store, "s", "x", "1")).toMatchObject({ is: "written" });
    await store.close();
  });
});

describe("a state store whose server is away", () => {
  it("rejects, and works again when the server is back", async () => {
    await using there = await behindRelay();
    const { store, relay } = there;
    await relay.break();
    const message = /^the state store .*does not answer; start it.*sessions: \{ store: \{ url \} \}/;
    await expect(store.readSession("s")).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(message),
    });
    await expect(setVariable(store, "s", "x", "1")).rejects.toMatchObject(unavailable);
    await relay.mend();
    expect(await store.readSession("s")).toMatchObject({ id: "s" });
    expect(await setVariable(store, "s", "x", "1")).toMatchObject({ is: "written" });
  });

  it("closes all the same, and leaves no socket", async () => {
    const relay = await TcpRelay.to(server.url);
    await using stores = new StateStores();
    const store = await stores.open({ url: relay.through(await server.createDatabase()) });
    heardOf(store);
    await createSession(store, "s");
    await relay.break();
    await store.close();
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    await vi.waitFor(() => expect(sockets()).toBe(0), PATIENCE_MS);
  });
});

describe("two hosts whose server is restarted while they write", () => {
  it(
    "lose no update, and end with the same state, of which watchers on both know the last value",
    async () => {
      const url = await server.createDatabase();
      const stop = new AbortController();
      using _ = { [Symbol.dispose]: () => stop.abort() };
      await using stores = new StateStores();
      const hosts = [await stores.open({ url, maxStaleMs: 100 }), await stores.open({ url, maxStaleMs: 100 })] as const;
      await createSession(hosts[0], "s");
      await setVariable(hosts[0], "s", "n", "0");
      const start = (await getVariable(hosts[0], "s", "n")) ?? { version: 0 };
      const watched = hosts.map((host) => watch(host, "s", "n"));
      const writers = hosts.flatMap((host) => Array.from({ length: 8 }, () => incrementOften(host, 50, stop.signal)));
      await vi.waitFor(
        async () => expect(Number((await getVariable(hosts[0], "s", "n"))?.value)).toBeGreaterThan(100),
        PATIENCE_MS,
      );
      await server.restart();
      const tallies = await Promise.all(writers);
      const done = tallies.reduce((sum, tally) => sum + tally.done, 0);
      const unknown = tallies.reduce((sum, tally) => sum + tally.unknown, 0);
      const [first, second] = await Promise.all(hosts.map((host) => getVariable(host, "s", "n")));
      expect(first).toEqual(second);
      // A write whose connection broke may have been made or not; every other one counts.
      expect(Number(first?.value)).toBeGreaterThanOrEqual(done);
      expect(Number(first?.value)).toBeLessThanOrEqual(done + unknown);
      expect(first?.version).toBe(start.version + Number(first?.value));
      for (const values of watched) {
        await vi.waitFor(() => expect(values.at(-1)).toBe(first?.value), PATIENCE_MS);
      }
    },
    3 * PATIENCE_MS,
  );
});

/** A store that reaches the server through a relay, with a session. */
async function behindRelay() {
  const url = await server.createDatabase();
  const relay = await TcpRelay.to(url);
  const stores = new StateStores();
  const store = await stores.open({ url: relay.through(url), connectTimeoutMs: 1_000, maxStaleMs: 100 });
  await createSession(store, "s");
  return {
    url,
    relay,
    store,
    async [Symbol.asyncDispose]() {
      await stores[Symbol.asyncDispose]();
      await relay.break();
    },
  };
}

function waitingFor(url: string, verb: string): Promise<readonly unknown[]> {
  return connectionsThat(url, `wait_event_type = 'Lock' and query ~* '^${verb} '`);
}

function connectionsThat(url: string, condition: string): Promise<readonly unknown[]> {
  return runSql(url, `select from pg_stat_activity where datname = current_database() and ${condition}`);
}

/** The values that somebody sees who reads whenever there is a change. */
function watch(store: StateStore, scope: string, name: string): readonly (string | undefined)[] {
  const values: (string | undefined)[] = [];
  const read = (): void => {
    getVariable(store, scope, name).then(
      (variable) => values.push(variable?.value),
      // Not now; there will be word of everything.
      () => undefined,
    );
  };
  store.onChange(read);
  return values;
}

/** Increments a variable, and counts what was done and what may have been done. */
async function incrementOften(store: StateStore, times: number, signal: AbortSignal) {
  let [done, unknown] = [0, 0];
  while (done < times && !signal.aborted) {
    const variable = await getVariable(store, "s", "n").catch(() => undefined);
    if (variable === undefined) {
      // A store that refuses at once must not keep the event loop from everything else.
      await setImmediate();
      continue;
    }
    try {
      const next = String(Number(variable.value) + 1);
      const { is } = await setVariable(store, "s", "n", next, variable.version);
      if (is === "written") done += 1;
    } catch {
      unknown += 1;
    }
  }
  return { done, unknown };
}
