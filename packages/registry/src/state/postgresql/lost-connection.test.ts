import { setImmediate } from "node:timers/promises";
import type { StateChange, StateStore } from "@snakepit/core";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type PostgresServer, runSql, startPostgresServer } from "../../testing/postgres-server.ts";
import { changesOf, createSession, getVariable, StateStores, setVariable } from "../../testing/state-stores.ts";
import { TcpRelay } from "../../testing/tcp-relay.ts";
import { DatabaseStateStore } from "../database-state-store.ts";
import { openPostgresqlState } from "./open-postgresql-state.ts";

/** Writers of each host: a few in the ordinary suite, since each repeats its write whenever another was faster. */
const WRITERS = LONG_TESTS ? 8 : 3;

/** The time limit of a wait on a loaded machine, in milliseconds. */
const WAIT_TIMEOUT_MS = 120_000;

// A separate server, because it is restarted.
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgresServer();
});
afterAll(() => server.close());
afterEach(() => void vi.useRealTimers());

const everything: StateChange = { is: "everything" };
const unavailable = { code: "REGISTRY_UNAVAILABLE" };

describe("a state store whose connections are cut", () => {
  it("retries reads, touches and creations", async () => {
    await using setup = await behindRelay();
    const { store, relay } = setup;
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

  it("is notified that everything may have changed after it reconnects, and then of each change", async () => {
    await using setup = await behindRelay();
    const { store, relay, url } = setup;
    await using stores = new StateStores();
    const other = await stores.open({ url });
    const received = changesOf(store);
    await relay.break();
    await setVariable(other, "s", "x", "1");
    await relay.restore();
    await vi.waitFor(() => expect(received).toContainEqual(everything), WAIT_TIMEOUT_MS);
    expect(await getVariable(store, "s", "x")).toMatchObject({ value: "1" });
    await setVariable(other, "s", "y", "1");
    await vi.waitFor(
      () => expect(received).toContainEqual({ is: "entries", scope: "s", kind: "variable", names: ["y"] }),
      WAIT_TIMEOUT_MS,
    );
  });

  it("makes other stores detect the changes for which it could not send a notification", async () => {
    await using setup = await behindRelay();
    const { store, relay, url } = setup;
    await using stores = new StateStores();
    // The other store does not receive the notification of the creation, which was sent before it listens.
    await vi.waitFor(
      async () => expect(await connectionsThat(url, "state = 'idle' and query ~ 'notify'")).toHaveLength(1),
      WAIT_TIMEOUT_MS,
    );
    const received = changesOf(await stores.open({ url }));
    // The change is committed and the answer arrives, then the connections break.
    store.onChange(() => void relay.break());
    expect(await setVariable(store, "s", "x", "1")).toMatchObject({ is: "written" });
    await vi.waitFor(() => expect(received.length).toBeGreaterThan(0), WAIT_TIMEOUT_MS);
    expect(received[0]).toEqual(everything);
    await relay.restore();
  });

  it("does not retry a pending write, and rejects it because its outcome is unknown", async () => {
    await using setup = await behindRelay();
    const { store, relay, url } = setup;
    await setVariable(store, "s", "x", "0");
    const { version } = (await getVariable(store, "s", "x")) ?? { version: 0 };
    const blocker = new Client({ connectionString: url });
    await blocker.connect();
    await blocker.query("begin; select from snakepit.entries where name = 'x' for update");
    const rejected = expect(setVariable(store, "s", "x", "1", version)).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/^the state store postgres:\/\/postgres:\*\*\*@.*connection was lost/),
    });
    await vi.waitFor(async () => expect(await waitingFor(url, "update")).toHaveLength(1), WAIT_TIMEOUT_MS);
    relay.cut();
    await rejected;
    await blocker.query("commit");
    await blocker.end();
    // The server completes the statement that it has received.
    const once = { value: "1", version: version + 1 };
    await vi.waitFor(async () => expect(await getVariable(store, "s", "x")).toEqual(once), WAIT_TIMEOUT_MS);
    expect(await waitingFor(url, "update")).toEqual([]);
    expect(await setVariable(store, "s", "x", "2", version)).toMatchObject({ is: "conflict" });
  });

  it("retries an atomic batch on another connection if its commit has not started", async () => {
    await using setup = await behindRelay();
    const { store, relay, url } = setup;
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
    await vi.waitFor(async () => expect(await waitingFor(url, "select")).toHaveLength(1), WAIT_TIMEOUT_MS);
    relay.cut();
    await blocker.query("commit");
    await blocker.end();
    expect((await writing).map(({ is }) => is)).toEqual(["written", "written"]);
    expect(await getVariable(store, "s", "x")).toEqual({ value: "1", version: version + 1 });
  });

  it("rejects within the time limit when the network stops responding, and then reconnects", async () => {
    const url = await server.createDatabase();
    const relay = await TcpRelay.to(url);
    const options = { connectTimeoutMs: 60_000, useTimeoutMs: 30_000, watchPeriodMs: 1_000 };
    await using stores = new StateStores();
    await createSession(await stores.open({ url }), "s");
    const store = new DatabaseStateStore(await openPostgresqlState(relay.through(url), options));
    // A store that only reads sends no notification, so its one connection is free, and no other one will be opened.
    expect(await store.readSession("s")).toMatchObject({ id: "s" });
    relay.silence();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const rejected = expect(setVariable(store, "s", "x", "1")).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/did not answer within 90 seconds/),
    });
    await advanceUntilSettled(rejected);
    vi.useRealTimers();
    expect(await store.readSession("s")).toMatchObject({ id: "s" });
    await store.close();
    await relay.break();
  });

  it("does not wait without limit for another holder of a lock", async () => {
    const url = await server.createDatabase();
    // Longer than a process under load pauses between two statements of a transaction.
    const options = { connectTimeoutMs: 60_000, useTimeoutMs: 5_000, watchPeriodMs: 1_000 };
    const store = new DatabaseStateStore(await openPostgresqlState(url, options));
    await createSession(store, "s");
    const blocker = new Client({ connectionString: url });
    await blocker.connect();
    await blocker.query("begin; lock table snakepit.entries");
    await expect(setVariable(store, "s", "x", "1")).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/exceeded its time limit; check the load of the server/),
    });
    await blocker.end();
    expect(await setVariable(store, "s", "x", "1")).toMatchObject({ is: "written" });
    await store.close();
  });

  it("waits for a free connection until the time limit of an operation, not of connecting", async () => {
    const url = await server.createDatabase();
    const options = { connectTimeoutMs: 60_000, useTimeoutMs: 60_000, watchPeriodMs: 1_000 };
    const store = new DatabaseStateStore(await openPostgresqlState(url, options));
    await createSession(store, "s");
    const blocker = new Client({ connectionString: url });
    await blocker.connect();
    await blocker.query("begin; lock table snakepit.entries");
    const blocked = Array.from({ length: 8 }, (_, index) => getVariable(store, "s", `v${index}`));
    await vi.waitFor(
      async () => expect(await connectionsThat(url, "wait_event_type = 'Lock'")).toHaveLength(8),
      WAIT_TIMEOUT_MS,
    );
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const tooLong = expect(store.readSession("s")).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/did not answer within 120 seconds/),
    });
    await advanceUntilSettled(tooLong);
    const waiting = store.readSession("s");
    for (let waitedMs = 0; waitedMs < 100_000; waitedMs += 10_000) {
      vi.advanceTimersByTime(10_000);
      await setImmediate();
    }
    vi.useRealTimers();
    await blocker.query("commit");
    await blocker.end();
    expect(await waiting).toMatchObject({ id: "s" });
    expect(await Promise.all(blocked)).toEqual(Array.from({ length: 8 }, () => undefined));
    await store.close();
  });
});

describe("a state store whose server is unreachable", () => {
  it("rejects, and works again when the server is reachable", async () => {
    await using setup = await behindRelay();
    const { store, relay } = setup;
    await relay.break();
    const message = /^the state store .*does not answer; start it.*sessions: \{ store: \{ url \} \}/;
    await expect(store.readSession("s")).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(message),
    });
    await expect(setVariable(store, "s", "x", "1")).rejects.toMatchObject(unavailable);
    await relay.restore();
    expect(await store.readSession("s")).toMatchObject({ id: "s" });
    expect(await setVariable(store, "s", "x", "1")).toMatchObject({ is: "written" });
  });

  it("closes, and leaves no socket open", async () => {
    const relay = await TcpRelay.to(server.url);
    await using stores = new StateStores();
    const store = await stores.open({ url: relay.through(await server.createDatabase()) });
    changesOf(store);
    await createSession(store, "s");
    await relay.break();
    await store.close();
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    await vi.waitFor(() => expect(sockets()).toBe(0), WAIT_TIMEOUT_MS);
  });
});

describe("two hosts whose server is restarted while they write", () => {
  it(
    "lose no update, and end with the same state and the same last notification",
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
      const writers = hosts.flatMap((host) =>
        Array.from({ length: WRITERS }, () => incrementOften(host, 50, stop.signal)),
      );
      await vi.waitFor(
        async () => expect(Number((await getVariable(hosts[0], "s", "n"))?.value)).toBeGreaterThan(100),
        WAIT_TIMEOUT_MS,
      );
      await server.restart();
      const tallies = await Promise.all(writers);
      const done = tallies.reduce((sum, tally) => sum + tally.done, 0);
      const unknown = tallies.reduce((sum, tally) => sum + tally.unknown, 0);
      const [first, second] = await Promise.all(hosts.map((host) => getVariable(host, "s", "n")));
      expect(first).toEqual(second);
      // A write whose connection was lost may have been committed or not; every other one counts.
      expect(Number(first?.value)).toBeGreaterThanOrEqual(done);
      expect(Number(first?.value)).toBeLessThanOrEqual(done + unknown);
      expect(first?.version).toBe(start.version + Number(first?.value));
      for (const values of watched) {
        await vi.waitFor(() => expect(values.at(-1)).toBe(first?.value), WAIT_TIMEOUT_MS);
      }
    },
    4 * WAIT_TIMEOUT_MS,
  );
});

/** Opens a store that connects to the server through a relay, and creates a session. */
async function behindRelay() {
  const url = await server.createDatabase();
  const relay = await TcpRelay.to(url);
  const options = { connectTimeoutMs: 60_000, useTimeoutMs: 60_000, watchPeriodMs: 100 };
  const store = new DatabaseStateStore(await openPostgresqlState(relay.through(url), options));
  await createSession(store, "s");
  return {
    url,
    relay,
    store,
    async [Symbol.asyncDispose]() {
      await store.close();
      await relay.break();
    },
  };
}

/** Advances fake timers until a promise settles, whenever its time limit starts. */
async function advanceUntilSettled(promise: Promise<unknown>): Promise<void> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  while (!isSettled) {
    vi.advanceTimersByTime(10_000);
    await setImmediate();
  }
  await settled;
}

function waitingFor(url: string, verb: string): Promise<readonly unknown[]> {
  return connectionsThat(url, `wait_event_type = 'Lock' and query ~* '^${verb} '`);
}

function connectionsThat(url: string, condition: string): Promise<readonly unknown[]> {
  return runSql(url, `select from pg_stat_activity where datname = current_database() and ${condition}`);
}

/** Returns a list to which the value is added after each change, unless a later read was answered first. */
function watch(store: StateStore, scope: string, name: string): readonly (string | undefined)[] {
  const values: (string | undefined)[] = [];
  let [started, answered] = [0, 0];
  const read = (): void => {
    started += 1;
    const number = started;
    getVariable(store, scope, name).then(
      (variable) => {
        if (number < answered) return;
        answered = number;
        values.push(variable?.value);
      },
      // The store is disconnected; a notification of everything follows.
      () => undefined,
    );
  };
  store.onChange(read);
  return values;
}

/** Increments a variable, and counts the completed increments and those with an unknown outcome. */
async function incrementOften(store: StateStore, times: number, signal: AbortSignal) {
  let [done, unknown] = [0, 0];
  while (done < times && !signal.aborted) {
    const variable = await getVariable(store, "s", "n").catch(() => undefined);
    if (variable === undefined) {
      // A store that rejects immediately must not starve the event loop.
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
