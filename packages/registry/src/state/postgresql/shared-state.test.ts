import type { StateChange } from "@snakepit/core";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ADVISORY_LOCKS } from "../../database/postgresql/advisory-locks.ts";
import type { PostgresServer } from "../../testing/postgres-server.ts";
import { runSql } from "../../testing/run-sql.ts";
import {
  createSession,
  getVariable,
  heardOf,
  incrementVariable,
  StateStores,
  setVariable,
} from "../../testing/state-stores.ts";
import { testPostgres } from "../../testing/test-postgres.ts";

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

describe("two stores on one PostgreSQL database", () => {
  it("hear of each other's changes by name", async () => {
    await using stores = new StateStores();
    const [one, other] = [await stores.open({ url }), await stores.open({ url })];
    const heard = heardOf(other);
    await createSession(one, "s");
    await setVariable(one, "s", "x", "1");
    await setVariable(one, "", "é 😀", "1");
    await vi.waitFor(() => {
      expect(heard).toContainEqual({ is: "session", id: "s" });
      expect(heard).toContainEqual({ is: "entries", scope: "s", kind: "variable", names: ["x"] });
      expect(heard).toContainEqual({ is: "entries", scope: "", kind: "variable", names: ["é 😀"] });
    }, 30_000);
    expect(heard).not.toContainEqual(everything);
    expect(await getVariable(other, "s", "x")).toEqual(await getVariable(one, "s", "x"));
  });

  it("hear of their own changes at once, and only once", async () => {
    await using stores = new StateStores();
    const [one, other] = [await stores.open({ url }), await stores.open({ url })];
    const [heardByOne, heardByOther] = [heardOf(one), heardOf(other)];
    await createSession(one, "s");
    expect(heardByOne).toEqual([{ is: "session", id: "s" }]);
    // The other's answer comes after what the server has told the first of itself.
    await vi.waitFor(() => expect(heardByOther).toContainEqual({ is: "session", id: "s" }), 30_000);
    await createSession(other, "t");
    await vi.waitFor(() => expect(heardByOne).toContainEqual({ is: "session", id: "t" }), 30_000);
    expect(heardByOne).toEqual([
      { is: "session", id: "s" },
      { is: "session", id: "t" },
    ]);
  });

  it("hear of as many changes at once as there are", async () => {
    await using stores = new StateStores();
    const [one, other] = [await stores.open({ url }), await stores.open({ url })];
    const heard = heardOf(other);
    const ids = Array.from({ length: 500 }, (_, index) => `session-${index}-${"x".repeat(50)}`);
    await Promise.all(ids.map((id) => createSession(one, id)));
    await vi.waitFor(
      () =>
        expect(new Set(heard.flatMap((change) => (change.is === "session" ? change.id : [])))).toEqual(new Set(ids)),
      30_000,
    );
    await one.sweepSessions(Number.MAX_SAFE_INTEGER, 1_000);
  });

  it("hear of nothing any more when they have stopped listening, and again when they listen again", async () => {
    await using stores = new StateStores();
    const [one, other] = [await stores.open({ url }), await stores.open({ url })];
    const before: StateChange[] = [];
    const unwatch = other.onChange((change) => before.push(change));
    const always = heardOf(other);
    unwatch();
    await createSession(one, "s");
    await vi.waitFor(() => expect(always).toContainEqual({ is: "session", id: "s" }), 30_000);
    expect(before).toEqual([]);
  });

  it("lose no update, whichever of them makes it", async () => {
    await using stores = new StateStores();
    const both = [await stores.open({ url }), await stores.open({ url })] as const;
    await createSession(both[0], "s");
    await setVariable(both[0], "s", "n", "0");
    const increments = Array.from({ length: 200 }, (_, index) =>
      incrementVariable(both[index % 2 === 0 ? 0 : 1], "s", "n"),
    );
    await Promise.all(increments);
    expect(await getVariable(both[0], "s", "n")).toMatchObject({ value: "200" });
  });
});

describe("a change that nobody was told of", () => {
  it("shows when the connection has gone that made it", async () => {
    await using stores = new StateStores();
    const store = await stores.open({ url, maxStaleMs: 50 });
    await createSession(store, "s");
    await setVariable(store, "s", "x", "old");
    const heard = heardOf(store);
    const dying = await likeAStore(url);
    await dying.query(`update snakepit.entries set value = 'new', version = version + 1 where name = 'x'`);
    await dying.end();
    await vi.waitFor(() => expect(heard).toContainEqual(everything), 30_000);
    expect(await getVariable(store, "s", "x")).toMatchObject({ value: "new" });
  });

  it("shows also when its connection was never seen", async () => {
    await using stores = new StateStores();
    const store = await stores.open({ url, maxStaleMs: 200 });
    const heard = heardOf(store);
    // As long as it takes to come, write and go, which is less than the time between two looks.
    await (await likeAStore(url)).end();
    await vi.waitFor(() => expect(heard).toContainEqual(everything), 30_000);
  });

  it("shows to who listens later", async () => {
    await using stores = new StateStores();
    const store = await stores.open({ url, maxStaleMs: 50 });
    store.onChange(() => undefined)();
    await (await likeAStore(url)).end();
    const heard = heardOf(store);
    await vi.waitFor(() => expect(heard).toContainEqual(everything), 30_000);
  });
});

describe("a statement that the server rolls back because another one stands in its way", () => {
  it("is made again", async () => {
    await runSql(url, `alter database ${new URL(url).pathname.slice(1)} set deadlock_timeout = '500ms'`);
    await using stores = new StateStores();
    const store = await stores.open({ url });
    for (const id of ["a", "b"]) await createSession(store, id);
    const other = new Client({ connectionString: url });
    await other.connect();
    await other.query("set deadlock_timeout = '1min'; begin; select from snakepit.sessions where id = 'b' for update");
    const usedAt = Date.now() + 1_000;
    const touching = store.touchSessions(["a", "b"].map((id) => ({ id, usedAt })));
    await vi.waitFor(
      async () =>
        expect(
          await runSql(
            url,
            "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
          ),
        ).toHaveLength(1),
      30_000,
    );
    await other.query("select from snakepit.sessions where id = 'a' for update");
    await other.query("commit");
    await other.end();
    await touching;
    expect([await store.readSession("a"), await store.readSession("b")]).toMatchObject([{ usedAt }, { usedAt }]);
  });
});

describe("what somebody else says on the channel", () => {
  it("means that everything may have changed", async () => {
    await using stores = new StateStores();
    const heard = heardOf(await stores.open({ url }));
    await runSql(url, "notify snakepit_changes, 'hello'");
    await vi.waitFor(() => expect(heard).toEqual([everything]), 30_000);
  });
});

describe("a database whose locale has another order", () => {
  it("lists by code point all the same", async () => {
    const name = `localised_${process.pid}`;
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

/** A connection as a store has it, of a host that tells nobody what it writes. */
async function likeAStore(of: string): Promise<Client> {
  const client = new Client({ connectionString: of });
  await client.connect();
  const number = "nextval('snakepit.connections')::integer";
  await client.query(`select pg_advisory_lock_shared(${ADVISORY_LOCKS.stateConnection}, ${number})`);
  return client;
}
