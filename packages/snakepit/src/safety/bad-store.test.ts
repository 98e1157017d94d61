import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testPostgres } from "@snakepit/registry/testing/postgres-server";
import { TcpRelay } from "@snakepit/registry/testing/tcp-relay";
import { MemoryStore } from "@snakepit/sessions";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { python, Snakepit, type SnakepitConfig, SnakepitError } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { processesWith, until } from "../testing/processes.ts";

const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;
const MARK = "SNAKEPIT_BAD_STORE";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-store-"));
});
afterEach(async () => {
  await until("no process is left", () => processesWith(MARK, directory).length === 0);
  rmSync(directory, { recursive: true });
});

function start(sessions: SnakepitConfig["sessions"]): Promise<Snakepit> {
  const worker = python(TOOLS);
  return Snakepit.start({ ...LONG_TIME_LIMITS, worker, size: 1, logger: false, env: { [MARK]: directory }, sessions });
}

async function rejectionOf(promise: Promise<unknown>): Promise<SnakepitError> {
  const thrown = await promise.then(
    (value) => new Error(`a value: ${String(value)}`),
    (error: unknown) => error,
  );
  if (thrown instanceof SnakepitError) return thrown;
  throw thrown;
}

describe("a host whose store of sessions is unavailable does not start, and leaves nothing behind:", () => {
  test("a database without a server", async () => {
    const error = await rejectionOf(start({ store: { url: "postgres://me:s3cret@127.0.0.1:1/db" } }));
    expect(error.code).toBe("REGISTRY_UNAVAILABLE");
    expect(error.message).toMatch(/postgres:\/\/me:\*\*\*@127\.0\.0\.1:1\/db.*does not answer.*sessions: \{ store/s);
    expect(JSON.stringify(error)).not.toContain("s3cret");
  });

  test("a file that is not a database", async () => {
    const path = join(directory, "store.db");
    writeFileSync(path, "this is not a database, and long enough for SQLite to see that".repeat(20));
    const error = await rejectionOf(start({ store: { path } }));
    expect(error).toMatchObject({ code: "REGISTRY_UNAVAILABLE" });
    expect(error.message).toContain(path);
    expect(error.message).toContain("sessions: { store");
  });

  test("a database that never responds does not delay the error when the start fails for another reason", async () => {
    const connections = new Set<Socket>();
    const connected = join(directory, "connected");
    const server = createServer((socket) => {
      connections.add(socket);
      writeFileSync(connected, "");
      socket.on("close", () => connections.delete(socket)).on("error", () => {});
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = server.address() as AddressInfo;
      const tools = join(directory, "tools.py");
      // The start fails after the host has connected to the database.
      const wait = `import os, time\nwhile not os.path.exists(${JSON.stringify(connected)}): time.sleep(0.01)\n`;
      writeFileSync(tools, `${wait}raise RuntimeError('no tools today')`);
      const worker = python(tools);
      const sessions = { store: { url: `postgres://me@127.0.0.1:${port}/db` } };
      // On a machine under load, the import may take longer than the time limit of the connection.
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      const error = await rejectionOf(
        Snakepit.start({ ...LONG_TIME_LIMITS, worker, size: 1, logger: false, sessions }),
      );
      expect(error).toMatchObject({ code: "WORKER_START_FAILED" });
      expect(connections.size).toBe(1);
    } finally {
      vi.useRealTimers();
      for (const each of connections) each.destroy();
      server.close();
    }
  });

  test("a directory", async () => {
    const path = join(directory, "folder");
    mkdirSync(path);
    expect((await rejectionOf(start({ store: { path } }))).message).toContain(path);
  });

  test("a custom registry without a location", async () => {
    const registry = {
      runId: "abcdefg",
      reserve: async () => {},
      activate: async () => {},
      release: async () => {},
      sweep: async () => ({ hosts: 0, killed: [], rows: 0 }),
      close: async () => {},
    };
    const worker = python(TOOLS);
    const env = { [MARK]: directory };
    const config = { worker, size: 1, logger: false, env, registry, sessions: { store: "registry" } } as const;
    const error = await rejectionOf(Snakepit.start(config));
    expect(error.code).toBe("INVALID_CONFIG");
    expect(error.message).toContain("sessions.store");
  });
});

test("mistakes in the options of sessions are reported with all others", async () => {
  const error = await rejectionOf(start({ store: "redis" as never, ttlMs: "soon" as never, maxSessions: 0 }));
  expect(error.code).toBe("INVALID_CONFIG");
  for (const path of ["sessions.store", "sessions.ttlMs", "sessions.maxSessions"])
    expect(error.message).toContain(path);
});

test("while the store is unavailable only calls in sessions fail, and they succeed again afterwards", async () => {
  const relay = await TcpRelay.to((await testPostgres()).url);
  const url = relay.through(await (await testPostgres()).createDatabase());
  const pit = await start({ store: { url }, maxStaleMs: 100 });
  try {
    const session = await pit.session("s", { ttlMs: "1h" });
    const { version } = await session.variables.register("n", { type: "integer", value: 1 });
    await relay.break();
    expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3);
    const error = await rejectionOf(session.variables.set("n", 2));
    expect(error).toMatchObject({ code: "REGISTRY_UNAVAILABLE", retryable: true });
    expect((await rejectionOf(pit.session("other"))).code).toBe("REGISTRY_UNAVAILABLE");
    await until("the cached value is too old", async () => {
      const outcome = await session.execute("read", { name: "n" }).catch((thrown: SnakepitError) => thrown);
      return outcome instanceof SnakepitError;
    });
    await relay.restore();
    expect(await session.variables.set("n", 2)).toBeGreaterThan(version);
    expect(await session.execute("read", { name: "n" })).toBe(2);
  } finally {
    await pit.close();
    await relay.break();
  }
});

test("a custom store that hangs is named in the log, and the host closes all the same", async () => {
  class HangingStore extends MemoryStore {
    override touchSessions(): Promise<void> {
      return new Promise(() => {});
    }
  }
  const warnings: string[] = [];
  const logger = { debug() {}, info() {}, warn: (_: object, message: string) => warnings.push(message), error() {} };
  const worker = python(TOOLS);
  const sessions = { store: new HangingStore() };
  const pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker,
    size: 1,
    logger,
    env: { [MARK]: directory },
    sessions,
  });
  await (await pit.session("s")).execute("pid");
  await pit.close();
  expect(warnings).toEqual([expect.stringMatching(/the "memory" session store did not respond within 2000 ms/)]);
});
