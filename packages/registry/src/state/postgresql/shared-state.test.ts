import type { StateChange } from "@snakepit/core";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ADVISORY_LOCKS } from "../../database/schema.ts";
import { type PostgresServer, runSql, testPostgres } from "../../testing/postgres-server.ts";
import {
  changesOf,
  createSession,
  getVariable,
  incrementVariable,
  StateStores,
  setVariable,
} from "../../testing/state-stores.ts";
import { DatabaseStateStore } from "../database-state-store.ts";
import { openPostgresqlState } from "./open-postgresql-state.ts";

let server: PostgresServer;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(() => server.close());

let url = "";
beforeEach(async () => {
  url = await server.createDatabase();
});

const everything: StateChange = { is: "everything" };

/** Concurrent increments: few in the ordinary suite, since each repeats its write whenever another was faster. */
const INCREMENTS = LONG_TESTS ? 200 : 60;

/**
 * Stores do not check for lost notifications during a test. A check reports a change of everything, among others when
 * the server pauses a new connection between its number and its lock.
 */
const WITHOUT_CHECKS = { maxStaleMs: 3_600_000 };

describe("two stores on one PostgreSQL database", () => {
  it("receive the changes of each other by name", async () => {
    await using stores = new StateStores();
    const options = { url, ...WITHOUT_CHECKS };
    const [one, other] = [await stores.open(options), await stores.open(options)];
    const received = changesOf(other);
    await createSession(one, "s");
    await setVariable(one, "s", "x", "1");
    await setVariable(one, "", "é 😀", "1");
    await vi.waitFor(() => {
      expect(received).toContainEqual({ is: "session", id: "s" });
      expect(received).toContainEqual({ is: "entries", scope: "s", kind: "variable", names: ["x"] });
      expect(received).toContainEqual({ is: "entries", scope: "", kind: "variable", names: ["é 😀"] });
    }, 120_000);
    expect(received).not.toContainEqual(everything);
    expect(await getVariable(other, "s", "x")).toEqual(await getVariable(one, "s", "x"));
  });

  it("receive their own changes immediately and once", async () => {
    await using stores = new StateStores();
    const options = { url, ...WITHOUT_CHECKS };
    const [one, other] = [await stores.open(options), await stores.open(options)];
    const [receivedByOne, receivedByOther] = [changesOf(one), changesOf(other)];
    await createSession(one, "s");
    expect(receivedByOne).toEqual([{ is: "session", id: "s" }]);
    // The change of the other store arrives after any notification of the first store to itself.
    await vi.waitFor(() => expect(receivedByOther).toContainEqual({ is: "session", id: "s" }), 120_000);
    await createSession(other, "t");
    await vi.waitFor(() => expect(receivedByOne).toContainEqual({ is: "session", id: "t" }), 120_000);
    expect(receivedByOne).toEqual([
      { is: "session", id: "s" },
      { is: "session", id: "t" },
    ]);
  });

  it("receive many concurrent changes", async () => {
    await using stores = new StateStores();
    // The time limit of an operation includes this one, and most of these wait for those before them.
    const options = { url, connectTimeoutMs: 240_000 };
    const [one, other] = [await stores.open(options), await stores.open(options)];
    const received = changesOf(other);
    const ids = Array.from({ length: 500 }, (_, index) => `session-${index}-${"x".repeat(50)}`);
    await Promise.all(ids.map((id) => createSession(one, id)));
    await vi.waitFor(
      () =>
        expect(new Set(received.flatMap((change) => (change.is === "session" ? change.id : [])))).toEqual(new Set(ids)),
      120_000,
    );
    await one.sweepSessions(Number.MAX_SAFE_INTEGER, 1_000);
  });

  it("receive changes only while a listener is registered", async () => {
    await using stores = new StateStores();
    const [one, other] = [await stores.open({ url }), await stores.open({ url })];
    const before: StateChange[] = [];
    const unwatch = other.onChange((change) => before.push(change));
    const always = changesOf(other);
    unwatch();
    await createSession(one, "s");
    await vi.waitFor(() => expect(always).toContainEqual({ is: "session", id: "s" }), 120_000);
    expect(before).toEqual([]);
  });

  it("lose no concurrent update", async () => {
    await using stores = new StateStores();
    const both = [await stores.open({ url }), await stores.open({ url })] as const;
    await createSession(both[0], "s");
    await setVariable(both[0], "s", "n", "0");
    const increments = Array.from({ length: INCREMENTS }, (_, index) =>
      incrementVariable(both[index % 2 === 0 ? 0 : 1], "s", "n"),
    );
    await Promise.all(increments);
    expect(await getVariable(both[0], "s", "n")).toMatchObject({ value: String(INCREMENTS) });
  });
});

describe("a change without a notification", () => {
  it("is detected when the connection that made it has ended", async () => {
    await using stores = new StateStores();
    const store = await stores.open({ url, maxStaleMs: 50 });
    await createSession(store, "s");
    await setVariable(store, "s", "x", "old");
    const received = changesOf(store);
    const writer = await connectAsWriter(url);
    await writer.query(`update snakepit.entries set value = 'new', version = version + 1 where name = 'x'`);
    await writer.end();
    await vi.waitFor(() => expect(received).toContainEqual(everything), 120_000);
    expect(await getVariable(store, "s", "x")).toMatchObject({ value: "new" });
  });

  it("is detected when its connection ended between two checks", async () => {
    await using stores = new StateStores();
    const store = await stores.open({ url, maxStaleMs: 200 });
    const received = changesOf(store);
    // The connection is open for less time than the interval between two checks.
    await (await connectAsWriter(url)).end();
    await vi.waitFor(() => expect(received).toContainEqual(everything), 120_000);
  });

  it("is reported to a listener that is added later", async () => {
    await using stores = new StateStores();
    const store = await stores.open({ url, maxStaleMs: 50 });
    store.onChange(() => undefined)();
    await (await connectAsWriter(url)).end();
    const received = changesOf(store);
    await vi.waitFor(() => expect(received).toContainEqual(everything), 120_000);
  });
});

describe("a statement that the server rolls back because of a deadlock", () => {
  it("is retried", async () => {
    await runSql(url, `alter database ${new URL(url).pathname.slice(1)} set deadlock_timeout = '500ms'`);
    const options = { connectTimeoutMs: 60_000, useTimeoutMs: 60_000, watchPeriodMs: 1_000 };
    const store = new DatabaseStateStore(await openPostgresqlState(url, options));
    const ids = ["a", "b", "c"];
    for (const id of ids) await createSession(store, id);
    const [holderOfB, holderOfC] = [await lockSession(url, "b"), await lockSession(url, "c")];
    const usedAt = Date.now() + 1_000;
    const touching = store.touchSessions(ids.map((id) => ({ id, usedAt })));
    await waitForLocks(url, 1);
    const closing = holderOfC.query("select from snakepit.sessions where id = 'a' for update");
    await waitForLocks(url, 2);
    // The store now waits for the other holder, which waits for the store. PostgreSQL checks for a deadlock once per
    // wait, so the store must be the last to wait.
    await holderOfB.query("commit");
    await closing;
    await holderOfC.query("commit");
    await Promise.all([holderOfB.end(), holderOfC.end()]);
    await touching;
    for (const id of ids) expect(await store.readSession(id)).toMatchObject({ usedAt });
    await store.close();
  });
});

describe("a message of another sender on the channel", () => {
  it("is reported as a change of everything", async () => {
    await using stores = new StateStores();
    const received = changesOf(await stores.open({ url, ...WITHOUT_CHECKS }));
    await runSql(url, "notify snakepit_changes, 'hello'");
    await vi.waitFor(() => expect(received).toEqual([everything]), 120_000);
  });
});

describe("a database with a different collation", () => {
  it("lists by code point", async () => {
    const name = `localized_${process.pid}`;
    await runSql(server.url, `create database ${name} template template0 locale_provider icu icu_locale 'en'`);
    await using stores = new StateStores();
    const store = await stores.open({ url: Object.assign(new URL(server.url), { pathname: `/${name}` }).href });
    const ids = ["B", "Z", "_", "a", "b", "é", "\uffee", "😀"];
    for (const id of ids.toReversed()) await createSession(store, id);
    for (const variable of ids.toReversed()) await setVariable(store, "a", variable, "1");
    expect((await store.listSessions({ limit: 100 }, Date.now())).map(({ id }) => id)).toEqual(ids);
    const listed = await store.listEntries("a", "variable", "*", { after: "Z", limit: 100 }, Date.now());
    expect(listed?.map((entry) => entry.name)).toEqual(ids.slice(2));
    const read = await store.readEntries("a", "variable", ids.toReversed(), Date.now());
    expect(read?.map((entry) => entry.name)).toEqual(ids);
  });
});

/** Locks a session on a new connection that does not check for deadlocks. */
async function lockSession(of: string, id: string): Promise<Client> {
  const client = new Client({ connectionString: of });
  await client.connect();
  await client.query(`set deadlock_timeout = '1h'; begin; select from snakepit.sessions where id = '${id}' for update`);
  return client;
}

/** Waits until this number of statements on sessions wait for a lock. Notifications wait for a lock of the server. */
async function waitForLocks(of: string, count: number): Promise<void> {
  const isWaiting = "datname = current_database() and wait_event_type = 'Lock' and query ~ 'sessions'";
  const waiting = `select from pg_stat_activity where ${isWaiting}`;
  await vi.waitFor(async () => expect(await runSql(of, waiting)).toHaveLength(count), 120_000);
}

/** Opens a connection like that of a store, for a host that sends no notifications. */
async function connectAsWriter(of: string): Promise<Client> {
  const client = new Client({ connectionString: of });
  await client.connect();
  const number = "nextval('snakepit.connections')::integer";
  await client.query(`select pg_advisory_lock_shared(${ADVISORY_LOCKS.stateConnection}, ${number})`);
  return client;
}
