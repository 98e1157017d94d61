import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConnectionPool } from "../../database/postgresql/connection-pool.ts";
import { openRegistry } from "../../open-registry.ts";
import { type PostgresServer, runSql, testPostgres } from "../../testing/postgres-server.ts";
import { createSession, getVariable, incrementVariable, StateStores, setVariable } from "../../testing/state-stores.ts";

let server: PostgresServer;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(() => server.close());

/** Defaults that an administrator may have set for a role. */
const DEFAULTS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["transactions are repeatable reads", { default_transaction_isolation: "'repeatable read'" }],
  [
    "transactions are serializable, read-only and deferrable, timeouts are short, and the search path and the bytea format differ",
    {
      default_transaction_isolation: "serializable",
      default_transaction_read_only: "on",
      default_transaction_deferrable: "on",
      // Longer than a process under load takes from the login to the statement that sets up a connection.
      statement_timeout: "'20s'",
      lock_timeout: "'1ms'",
      idle_session_timeout: "'20s'",
      idle_in_transaction_session_timeout: "'1ms'",
      search_path: "hostile, pg_catalog",
      bytea_output: "escape",
    },
  ],
];

/** The settings of the connections of a host, regardless of the defaults of its role. */
const EXPECTED: Readonly<Record<string, string>> = {
  default_transaction_isolation: "read committed",
  default_transaction_read_only: "off",
  default_transaction_deferrable: "off",
  statement_timeout: "60000",
  lock_timeout: "0",
  idle_session_timeout: "0",
  idle_in_transaction_session_timeout: "60000",
  search_path: "pg_catalog",
  bytea_output: "hex",
};

describe.each(DEFAULTS)("a role whose %s", (_, defaults) => {
  let role: string;
  let url: string;

  // Once for the tests of a role, because the registry and the store use different tables.
  beforeAll(async () => {
    role = `role_${randomBytes(6).toString("hex")}`;
    const owned = await server.createDatabase();
    await runSql(server.url, `create role ${role} superuser login password 'secret'`);
    await runSql(owned, "create schema hostile");
    // Replaces the function of PostgreSQL when its schema is first in the search path.
    await runSql(owned, "create function hostile.set_config(text, text, boolean) returns text return 'hostile'");
    for (const [setting, value] of Object.entries(defaults)) {
      await runSql(server.url, `alter role ${role} set ${setting} = ${value}`);
    }
    url = Object.assign(new URL(owned), { username: role, password: "secret" }).href;
  });

  afterAll(async () => {
    await runSql(server.url, `drop database ${new URL(url).pathname.slice(1)} with (force)`);
    await runSql(server.url, `drop role ${role}`);
  });

  it("does not change the settings of a connection (L8)", async () => {
    const timeouts = { connectTimeoutMs: 60_000, waitTimeoutMs: 60_000, statementTimeoutMs: 60_000 };
    const { pool, close } = await createConnectionPool(url, { connections: 1, ...timeouts });
    const { rows } = await pool.query("select name, setting from pg_settings where name = any($1)", [
      Object.keys(defaults),
    ]);
    const actual = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
    expect(EXPECTED).toMatchObject(actual);
    expect(Object.keys(actual).toSorted()).toEqual(Object.keys(defaults).toSorted());
    await close();
  });

  it("supports two hosts that write the same variables (L8)", async () => {
    await using stores = new StateStores();
    const [one, other] = [await stores.open({ url }), await stores.open({ url })];
    await Promise.all(Array.from({ length: 8 }, (_, id) => createSession(id % 2 ? one : other, `s${id}`)));
    await createSession(one, "shared");
    await Promise.all(
      Array.from({ length: 12 }, (_, count) => incrementVariable(count % 2 ? one : other, "shared", `v${count % 3}`)),
    );
    for (const name of ["v0", "v1", "v2"]) expect(await getVariable(one, "shared", name)).toMatchObject({ value: "4" });
    expect((await setVariable(other, "shared", "v0", "é")).is).toBe("written");
    expect(await getVariable(one, "shared", "v0")).toMatchObject({ value: "é" });
  });

  it("supports the process registries of several hosts (L8)", async () => {
    const registries = await Promise.all(
      Array.from({ length: 3 }, () => openRegistry({ url, connectTimeoutMs: 60_000 })),
    );
    await Promise.all(
      registries.flatMap((registry, host) =>
        Array.from({ length: 4 }, async (_, worker) => {
          const workerId = `w-${host}-${worker}`;
          await registry.reserve([{ workerId, pool: "default", role: "worker" }]);
          await registry.activate([{ workerId, pid: process.pid, startTime: "1", processGroup: process.pid }]);
          await registry.release([workerId]);
        }),
      ),
    );
    await Promise.all(registries.map((registry) => registry.sweep()));
    await Promise.all(registries.map((registry) => registry.close()));
  });
});
