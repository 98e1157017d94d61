import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { freePort } from "@snakepit/core/testing/free-port";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openRegistry as open, type RegistryOptions } from "../../open-registry.ts";
import { type PostgresServer, runSql, testPostgres } from "../../testing/postgres-server.ts";
import { TcpRelay } from "../../testing/tcp-relay.ts";
import { PROCESS_REGISTRY } from "../database-fault.ts";
import { openPostgresql } from "./open-postgresql.ts";

let server: PostgresServer;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(() => server.close());
afterEach(() => void vi.useRealTimers());

/** A time limit for connecting that a machine under load does not exceed, in milliseconds. */
const CONNECT_TIMEOUT_MS = 60_000;
const openRegistry = (options: RegistryOptions) => open({ connectTimeoutMs: CONNECT_TIMEOUT_MS, ...options });

const reservation = { workerId: "default-1", pool: "default", role: "worker" } as const;

describe("a PostgreSQL database that cannot be used", () => {
  it("reports a missing database", async () => {
    const url = changed(server.url, { pathname: "/missing" });
    await expect(openRegistry({ url })).rejects.toMatchObject(
      unavailable(/missing.*database does not exist.*createdb/),
    );
  });

  it("reports a rejected user or password, without the password", async () => {
    const url = changed(server.url, { password: "s3cret" });
    const error = await openRegistry({ url }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(unavailable(/postgres:\*\*\*@127\.0\.0\.1.*rejected the user or password/));
    expect(JSON.stringify(error)).not.toContain("s3cret");
  });

  it("reports a missing password", async () => {
    const url = changed(server.url, { password: "" });
    await expect(openRegistry({ url })).rejects.toMatchObject(unavailable(/rejected the user or password/));
  });

  it("reports that the user may not create a schema", async () => {
    const role = `plain_${process.pid}`;
    await runSql(server.url, `create role ${role} login password 'plain'`);
    const url = changed(server.url, { username: role, password: "plain" });
    await expect(openRegistry({ url })).rejects.toMatchObject(unavailable(/lacks a privilege.*grant/));
    await runSql(server.url, `drop role ${role}`);
  });

  it("reports a port without a server", async () => {
    const url = changed(server.url, { port: String(await freePort()) });
    await expect(openRegistry({ url })).rejects.toMatchObject(unavailable(/does not answer; start it/));
  });

  it("reports an unknown host name", async () => {
    const url = "postgres://user@no-such-machine.invalid/database";
    await expect(openRegistry({ url })).rejects.toMatchObject(unavailable(/no-such-machine\.invalid.*name/));
  });

  it("reports a server that never answers", async () => {
    await using silent = await silentServer();
    await expect(openRegistry({ url: silent.url, connectTimeoutMs: 100 })).rejects.toMatchObject(
      unavailable(/does not answer/),
    );
  });
});

it("rejects opening when the signal aborts", async () => {
  await using silent = await silentServer();
  const controller = new AbortController();
  const opening = openRegistry({ url: silent.url, signal: controller.signal });
  await silent.connected;
  controller.abort();
  await expect(opening).rejects.toMatchObject({ code: "CANCELLED" });
  await expect(openRegistry({ url: silent.url, signal: controller.signal })).rejects.toMatchObject({
    code: "CANCELLED",
  });
});

describe("a PostgreSQL database that is lost", () => {
  it("reconnects without an error when the lost connection was idle", async () => {
    const relay = await TcpRelay.to(server.url);
    const registry = await openRegistry({ url: relay.through(await server.createDatabase()) });
    relay.cut();
    await registry.reserve([reservation]);
    await registry.release(["default-1"]);
    await registry.close();
    await relay.break();
  });

  it("rejects pending work, and works again after the server is reachable", async () => {
    const relay = await TcpRelay.to(server.url);
    const url = relay.through(await server.createDatabase());
    const registry = await openRegistry({ url });
    const database = await openPostgresql(url, PROCESS_REGISTRY, CONNECT_TIMEOUT_MS);
    const sleeping = database.use((db) => db.run("select 'asleep', pg_sleep(60)"));
    const rejected = expect(sleeping).rejects.toMatchObject(unavailable(/does not answer|connection was lost/));
    await vi.waitFor(
      async () =>
        expect(
          await runSql(server.url, "select from pg_stat_activity where query like '%''asleep''%pg_sleep%'"),
        ).toHaveLength(2),
      120_000,
    );
    await relay.break();
    await rejected;
    await expect(registry.reserve([reservation])).rejects.toMatchObject(unavailable(/does not answer/));
    await expect(registry.sweep()).rejects.toMatchObject(unavailable(/does not answer/));

    await relay.restore();
    await registry.reserve([reservation]);
    await registry.release(["default-1"]);
    await registry.close();
    await database.close();
    await relay.break();
  });

  it("rejects when the server does not answer in time, and then reconnects", async () => {
    const relay = await TcpRelay.to(server.url);
    const database = await openPostgresql(relay.through(server.url), PROCESS_REGISTRY, CONNECT_TIMEOUT_MS, 0);
    const query = () => database.use((db) => db.run("select 42 as answer"));
    await query();
    relay.silence();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const rejected = expect(query()).rejects.toMatchObject(unavailable(/did not answer within 60 seconds/));
    // The time limit starts with the query.
    await setImmediate();
    vi.advanceTimersByTime(CONNECT_TIMEOUT_MS);
    vi.useRealTimers();
    await rejected;
    expect(await query()).toEqual([{ answer: 42 }]);
    await database.close();
    await relay.break();
  });

  it("waits for its connection longer than for the server", async () => {
    const database = await openPostgresql(server.url, PROCESS_REGISTRY, CONNECT_TIMEOUT_MS, CONNECT_TIMEOUT_MS);
    const blocker = new Client({ connectionString: server.url });
    await blocker.connect();
    await blocker.query("select pg_advisory_lock(42)");
    const blocked = database.use((db) => db.run("select pg_advisory_xact_lock(42)"));
    await vi.waitFor(
      async () =>
        expect(
          await runSql(server.url, "select from pg_locks where locktype = 'advisory' and objid = 42 and not granted"),
        ).toHaveLength(1),
      120_000,
    );
    const query = () => database.use((db) => db.run("select 42 as answer"));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const waiting = query();
    await setImmediate();
    vi.advanceTimersByTime(1.5 * CONNECT_TIMEOUT_MS);
    vi.useRealTimers();
    await blocker.query("select pg_advisory_unlock(42)");
    await blocked;
    expect(await waiting).toEqual([{ answer: 42 }]);
    await blocker.end();
    await database.close();
  });

  it("leaves no connection open when it is closed in the meantime", async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    const relay = await TcpRelay.to(server.url);
    const registry = await openRegistry({ url: relay.through(await server.createDatabase()) });
    await relay.break();
    await expect(registry.close()).rejects.toMatchObject(unavailable(/does not answer/));
    await vi.waitFor(() => expect(sockets()).toBe(0), 120_000);
  });
});

function unavailable(message: RegExp) {
  return { code: "REGISTRY_UNAVAILABLE", message: expect.stringMatching(message) as string };
}

function changed(url: string, parts: Partial<URL>): string {
  return Object.assign(new URL(url), parts).href;
}

/** A server that accepts connections and never answers. */
async function silentServer() {
  const sockets: Socket[] = [];
  const listener = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  const connected = once(listener, "connection");
  await once(listener, "listening");
  return {
    url: `postgres://user:password@127.0.0.1:${(listener.address() as AddressInfo).port}/database`,
    connected,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await once(listener.close(), "close");
    },
  };
}
