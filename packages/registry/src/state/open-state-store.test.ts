import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openRegistry } from "../open-registry.ts";
import { type PostgresServer, runSql, testPostgres } from "../testing/postgres-server.ts";
import { runStateHost } from "../testing/spawn-host.ts";
import { createSession, getVariable, StateStores, setVariable } from "../testing/state-stores.ts";
import { openStateStore, type StateStoreOptions } from "./open-state-store.ts";

const scratch = mkdtempSync(join(tmpdir(), "snakepit-state-"));
let server: PostgresServer;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await server.close();
});

let directory = "";
let path = "";
let directories = 0;
beforeEach(() => {
  directories += 1;
  directory = join(scratch, String(directories));
  mkdirSync(directory);
  path = join(directory, "state.db");
});

const databases: readonly (readonly [string, () => Promise<StateStoreOptions>])[] = [
  ["SQLite", async () => ({ path })],
  ["PostgreSQL", async () => ({ url: await server.createDatabase(), connectTimeoutMs: 60_000 })],
];

describe.each(databases)("a state store on %s", (database, locate) => {
  it("has a kind", async () => {
    await using stores = new StateStores();
    const { kind, shared } = await stores.open(await locate());
    expect([kind, shared]).toEqual([database.toLowerCase(), true]);
  });

  it("can share a database with the process registry", async () => {
    const location = await locate();
    const registry = await openRegistry({ connectTimeoutMs: 60_000, ...location });
    await using stores = new StateStores();
    const store = await stores.open(location);
    await registry.reserve([{ workerId: "default-1", pool: "default", role: "worker" }]);
    await createSession(store, "s");
    await registry.release(["default-1"]);
    await registry.close();
    expect(await store.readSession("s")).toMatchObject({ id: "s" });
  });

  it("keeps completed writes when its host is killed", async () => {
    const options = await locate();
    expect(await runStateHost({ is: "write-and-die", options, times: 20 })).toBe("SIGKILL");
    await using stores = new StateStores();
    expect(await getVariable(await stores.open(options), "s", "n")).toMatchObject({ value: "20" });
  });

  it("loses no write of several concurrent processes", async () => {
    const options = await locate();
    await using stores = new StateStores();
    const store = await stores.open(options);
    await createSession(store, "s");
    const hosts = Array.from({ length: 3 }, () => runStateHost({ is: "increment", options, times: 100 }));
    expect(await Promise.all(hosts)).toEqual([0, 0, 0]);
    expect(await getVariable(store, "s", "n")).toMatchObject({ value: "300" });
  });

  it("creates sessions exactly up to the quota of all hosts", async () => {
    const options = await locate();
    await using stores = new StateStores();
    const hosts = [await stores.open(options), await stores.open(options)] as const;
    const create = async (index: number) => {
      const draft = { id: `s${index}`, metadata: {}, ttlMs: 3_600_000 };
      return (await hosts[index % 2 === 0 ? 0 : 1].createSession(draft, Date.now(), 20)).is;
    };
    // Each host has counted, and created sessions that the other host has not counted.
    for (let index = 0; index < 10; index++) expect(await create(index)).toBe("created");
    const creations = await Promise.all(Array.from({ length: 50 }, (_, index) => create(index + 10)));
    expect(creations.filter((is) => is === "created")).toHaveLength(10);
    expect((await hosts[0].countSessions(Date.now())).active).toBe(20);
    expect(await create(0)).toBe("found");
    await hosts[0].deleteSession("s0", Date.now());
    expect([await create(101), await create(102)]).toEqual(["created", "over-quota"]);
  });

  it("rejects a session with an empty id or with metadata that is not JSON", async () => {
    await using stores = new StateStores();
    const store = await stores.open(await locate());
    const create = (id: string, metadata: Readonly<Record<string, unknown>>) =>
      store.createSession({ id, metadata, ttlMs: 1_000 }, Date.now(), 10);
    await expect(create("", {})).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    const message = expect.stringMatching(/^the metadata of session "s" cannot be stored as JSON/) as string;
    await expect(create("s", cycle)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message });
    expect(await store.readSession("s")).toBeUndefined();
  });

  it("rejects the schema of a newer version", async () => {
    const options = await locate();
    await (await openStateStore(options)).close();
    const insert = "values ('999-future', '2999-01-01T00:00:00.000Z')";
    if (options.url === undefined) executeSqlite(`insert into migrations ${insert}`);
    else await runSql(options.url, `insert into snakepit.migrations ${insert}`);
    await expect(openStateStore(options)).rejects.toMatchObject(
      unavailable(
        /newer version of Snakepit .*999-future.*a separate state store \(sessions: \{ store: \{ path \} \} or sessions: \{ store: \{ url \} \}\)/,
      ),
    );
  });
});

describe("a state store in a file", () => {
  it("is in the user's state directory by default", async () => {
    const before = process.env["XDG_STATE_HOME"];
    process.env["XDG_STATE_HOME"] = directory;
    const store = await openStateStore();
    if (before === undefined) delete process.env["XDG_STATE_HOME"];
    else process.env["XDG_STATE_HOME"] = before;
    expect(statSync(join(directory, "snakepit", "state.db")).size).toBeGreaterThan(0);
    await store.close();
  });

  it("rejects a file that is not a database", async () => {
    writeFileSync(path, "Dear diary, today I was taken for a database again.\n".repeat(20));
    await expect(openStateStore({ path })).rejects.toMatchObject(
      unavailable(
        /^the state store .*state\.db .*not a SQLite database; move it away.*sessions: \{ store: \{ path \} \}/,
      ),
    );
  });

  it("rejects a corrupt file", async () => {
    await (await openStateStore({ path })).close();
    writeFileSync(path, readFileSync(path).fill(0xff, 100));
    await expect(openStateStore({ path })).rejects.toMatchObject(unavailable(/corrupt; move the file/));
  });

  it("rejects operations after the file was removed", async () => {
    const store = await openStateStore({ path });
    rmSync(path);
    await expect(store.readSession("s")).rejects.toMatchObject(unavailable(/removed or replaced while in use/));
    await store.close();
  });

  it("waits for the lock of another process, and reads in the meantime", async () => {
    await using stores = new StateStores();
    const store = await stores.open({ path });
    await createSession(store, "s");
    const other = new DatabaseSync(path);
    other.exec("begin immediate");
    const writes = [setVariable(store, "s", "x", "1"), atomically(store, ["y", "z"])];
    expect(await store.readSession("s")).toMatchObject({ id: "s" });
    expect(await getVariable(store, "s", "x")).toBeUndefined();
    other.exec("commit");
    other.close();
    expect(await Promise.all(writes)).toMatchObject([{ is: "written" }, [{ is: "written" }, { is: "written" }]]);
  });

  it("lets the event loop run under load", async () => {
    await using stores = new StateStores();
    const store = await stores.open({ path });
    let turns = 0;
    const count = () => {
      turns += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    for (let index = 0; index < 1_000; index++) await store.readSession("s");
    clearImmediate(counting);
    expect(turns).toBeGreaterThan(5);
  });
});

describe("a state store in PostgreSQL", () => {
  it("is rejected when no server answers, without the password in the message", async () => {
    const url = "postgres://user:s3cret@127.0.0.1:1/database";
    const error: unknown = await openStateStore({ url }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(
      unavailable(
        /^the state store postgres:\/\/user:\*\*\*@127\.0\.0\.1:1\/database .*does not answer; start it.*sessions: \{ store: \{ url \} \}/,
      ),
    );
    expect(JSON.stringify(error)).not.toContain("s3cret");
  });

  it("leaves no connection open when opening fails", async () => {
    const url = await server.createDatabase();
    await (await openStateStore({ url, connectTimeoutMs: 60_000 })).close();
    await runSql(url, "drop sequence snakepit.connections");
    await expect(openStateStore({ url, connectTimeoutMs: 60_000 })).rejects.toMatchObject(
      unavailable(/snakepit\.connections/),
    );
    const connections =
      "select from pg_stat_activity where datname = current_database() and application_name = 'snakepit'";
    await vi.waitFor(async () => expect(await runSql(url, connections)).toEqual([]), 120_000);
  });
});

describe("opening a state store", () => {
  it("is rejected when both url and path are set, or the url is invalid", async () => {
    await expect(openStateStore({ path, url: "postgres://host/database" })).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: "only one of url and path may be set for the state store; got both",
    });
    await expect(openStateStore({ url: "mysql://host/database" })).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  });

  it("is cancelled when the signal aborts", async () => {
    const signal = AbortSignal.abort();
    await expect(openStateStore({ path, signal })).rejects.toMatchObject({ code: "CANCELLED" });
    const controller = new AbortController();
    const opening = openStateStore({ path, signal: controller.signal });
    controller.abort();
    await expect(opening).rejects.toMatchObject({
      code: "CANCELLED",
      message: "opening the state store was cancelled",
    });
  });
});

function unavailable(message: RegExp) {
  return { code: "REGISTRY_UNAVAILABLE", message: expect.stringMatching(message) as string };
}

function executeSqlite(statement: string): void {
  const database = new DatabaseSync(path);
  database.exec(statement);
  database.close();
}

function atomically(store: Parameters<typeof getVariable>[0], names: readonly string[]) {
  const writes = names.map((name) => ({
    name,
    value: new Uint8Array(1),
    attributes: "{}",
    expects: "anything" as const,
  }));
  const batch = { scope: "s", kind: "variable", writes, author: "host", atomic: true, maxEntries: 10 } as const;
  return store.writeEntries(batch, Date.now());
}
