import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PostgresServer, startPostgresServer } from "@snakepit/registry/testing/postgres-server";
import { afterEach, beforeEach, expect, test } from "vitest";
import { healthHandler, python, Snakepit } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

let directory: string;
let postgres: PostgresServer;
let http: Server;
let pit: Snakepit | undefined;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-probes-"));
  postgres = await startPostgresServer();
  const health = healthHandler(() => pit);
  http = createServer(async (request, response) => {
    const answer = await health(request);
    if (answer === undefined) response.writeHead(404).end();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
});
afterEach(async () => {
  await pit?.close({ graceMs: 0 });
  pit = undefined;
  http.closeAllConnections();
  http.close();
  await once(http, "close");
  await postgres.close();
  rmSync(directory, { recursive: true });
});

async function probe(path: string): Promise<{ readonly status: number; readonly body: string }> {
  const { port } = http.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, body: await response.text() };
}

const ready = async () => (await probe("/readyz")).status === 200;

async function expectNotReady(reason: string): Promise<void> {
  expect(await probe("/readyz")).toMatchObject({ status: 503, body: expect.stringContaining(reason) });
  expect(await probe("/livez")).toEqual({ status: 200, body: "ok\n" });
}

test("/readyz is not ready before the pools, while the store is away and during a drain; /livez stays live", async () => {
  // Each worker but the first waits for a file in its set-up.
  const tools = join(directory, "tools.py");
  const released = join(directory, "released");
  const first = join(directory, "first");
  writeFileSync(
    tools,
    `import os, time
from snakepit_bridge import Adapter, tool

class Tools(Adapter):
    def setup(self, *_):
        try:
            os.close(os.open(${JSON.stringify(first)}, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            while not os.path.exists(${JSON.stringify(released)}):
                time.sleep(0.01)

    @tool
    def add(self, a: int, b: int) -> int:
        return a + b
`,
  );
  await expectNotReady("[-]host failed: the host is starting");
  pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker: python(`${tools}:Tools`),
    size: 2,
    registry: { path: join(directory, "registry.db") },
    sessions: { store: { url: await postgres.createDatabase() } },
    logger: false,
    // A machine under load answers late, but connections to a stopped server fail at once.
    health: { timeoutMs: "2m", drainDelayMs: "1h" },
  });
  await expectNotReady("[-]pool.default.workers failed: the pool is starting; 1 of 2 workers are ready");
  writeFileSync(released, "");
  await until("the host is ready", ready);
  expect((await probe("/healthz?verbose")).body).toMatch(/^\[\+\]store ok: the session store \(postgresql\) answers$/m);

  await postgres.stop();
  await until("the host is not ready", async () => !(await ready()));
  await expectNotReady("[-]store failed: the session store (postgresql) does not answer");
  expect((await probe("/readyz")).body).not.toContain(new URL(postgres.url).password);
  expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3);
  await postgres.start();
  await until("the host is ready again", ready);

  const closed = pit.close();
  await expectNotReady("[-]host failed: the host is closing");
  expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3);
  await pit.close({ graceMs: 0 });
  await closed;
  await expectNotReady("[-]host failed: the host is closing");
});
