import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openRegistry } from "../../open-registry.ts";
import type { PostgresServer } from "../../testing/postgres-server.ts";
import { runSql } from "../../testing/run-sql.ts";
import { TcpRelay } from "../../testing/tcp-relay.ts";
import { testPostgres } from "../../testing/test-postgres.ts";
import { PROCESS_REGISTRY } from "../database-purpose.ts";
import { openPostgresql } from "./open-postgresql.ts";

let server: PostgresServer;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(() => server.close());

const reservation = { workerId: "default-1", pool: "default", role: "worker" } as const;

describe("a PostgreSQL database that cannot be used", () => {
  it("may not be there", async () => {
    const url = changed(server.url, { pathname: "/missing" });
    await expect(openRegistry({ url })).rejects.toMatchObject(unavailable(/missing.*no such database.*createdb/));
  });

  it("may not know the user or the password, which is not shown", async () => {
    const url = changed(server.url, { password: "s3cret" });
    const refused = await openRegistry({ url }).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject(unavailable(/postgres:\*\*\*@127\.0\.0\.1.*refuses this user or password/));
    expect(JSON.stringify(refused)).not.toContain("s3cret");
  });

  it("may want a password where there is none", async () => {
    const url = changed(server.url, { password: "" });
    await expect(openRegistry({ url })).rejects.toMatchObject(unavailable(/refuses this user or password/));
  });

  it("may not let the user make a schema", async () => {
    const role = `plain_${process.pid}`;
    await runSql(server.url, `create role ${role} login password 'plain'`);
    const url = changed(server.url, { username: role, password: "plain" });
    await expect(openRegistry({ url })).rejects.toMatchObject(unavailable(/lacks a privilege.*grant/));
    await runSql(server.url, `drop role ${role}`);
  });

  it("may have nobody who listens", async () => {
    const url = changed(server.url, { port: String(await unusedPort()) });
    await expect(openRegistry({ url })).rejects.toMatchObject(unavailable(/does not answer; start it/));
  });

  it("may be on a machine that nobody knows", async () => {
    const url = "postgres://user@no-such-machine.invalid/database";
    await expect(openRegistry({ url })).rejects.toMatchObject(unavailable(/no-such-machine\.invalid.*name/));
  });

  it("may never answer", async () => {
    await using mute = await muteServer();
    await expect(openRegistry({ url: mute.url, connectTimeoutMs: 100 })).rejects.toMatchObject(
      unavailable(/does not answer/),
    );
  });
});

it("gives up opening when it is told to", async () => {
  await using mute = await muteServer();
  const controller = new AbortController();
  const opening = openRegistry({ url: mute.url, connectTimeoutMs: 1_000, signal: controller.signal });
  await mute.dialled;
  controller.abort();
  await expect(opening).rejects.toMatchObject({ code: "CANCELLED" });
  await expect(openRegistry({ url: mute.url, signal: controller.signal })).rejects.toMatchObject({ code: "CANCELLED" });
});

describe("a PostgreSQL database that is lost", () => {
  it("is connected to again before anybody notices, when the connection was idle", async () => {
    const relay = await TcpRelay.to(server.url);
    const registry = await openRegistry({ url: relay.through(await server.createDatabase()) });
    relay.cut();
    await registry.reserve([reservation]);
    await registry.release(["default-1"]);
    await registry.close();
    await relay.break();
  });

  it("rejects what is under way, and serves again when it is back", async () => {
    const relay = await TcpRelay.to(server.url);
    const url = relay.through(await server.createDatabase());
    const registry = await openRegistry({ url });
    const database = await openPostgresql(url, PROCESS_REGISTRY, 1_000);
    const sleeping = database.use((db) => sql`select 'asleep', pg_sleep(60)`.execute(db));
    const rejected = expect(sleeping).rejects.toMatchObject(unavailable(/does not answer|connection was lost/));
    await vi.waitFor(
      async () =>
        expect(
          await runSql(server.url, "select from pg_stat_activity where query like '%''asleep''%pg_sleep%'"),
        ).toHaveLength(2),
      30_000,
    );
    await relay.break();
    await rejected;
    await expect(registry.reserve([reservation])).rejects.toMatchObject(unavailable(/does not answer/));
    await expect(registry.sweep()).rejects.toMatchObject(unavailable(/does not answer/));

    await relay.mend();
    await registry.reserve([reservation]);
    await registry.release(["default-1"]);
    await registry.close();
    await database.close();
    await relay.break();
  });

  it("rejects when there is no answer for too long, and then starts afresh", async () => {
    const relay = await TcpRelay.to(server.url);
    const database = await openPostgresql(relay.through(server.url), PROCESS_REGISTRY, 500, 0);
    const ask = () => database.use((db) => sql<{ answer: number }>`select 42 as answer`.execute(db));
    await ask();
    relay.silence();
    await expect(ask()).rejects.toMatchObject(unavailable(/no answer within 0\.5 seconds/));
    expect((await ask()).rows).toEqual([{ answer: 42 }]);
    await database.close();
    await relay.break();
  });

  it("leaves no connection behind when it is closed meanwhile", async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    const relay = await TcpRelay.to(server.url);
    const registry = await openRegistry({ url: relay.through(await server.createDatabase()) });
    await relay.break();
    await expect(registry.close()).rejects.toMatchObject(unavailable(/does not answer/));
    await vi.waitFor(() => expect(sockets()).toBe(0), 30_000);
  });
});

function unavailable(message: RegExp) {
  return { code: "REGISTRY_UNAVAILABLE", message: expect.stringMatching(message) as string };
}

function changed(url: string, parts: Partial<URL>): string {
  return Object.assign(new URL(url), parts).href;
}

async function unusedPort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  await once(probe.close(), "close");
  return port;
}

/** A server that accepts connections and says nothing. */
async function muteServer() {
  const sockets: Socket[] = [];
  const listener = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  const dialled = once(listener, "connection");
  await once(listener, "listening");
  return {
    url: `postgres://user:password@127.0.0.1:${(listener.address() as AddressInfo).port}/database`,
    dialled,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await once(listener.close(), "close");
    },
  };
}
