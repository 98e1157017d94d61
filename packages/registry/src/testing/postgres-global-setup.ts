import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { POSTGRES_BROKER, type PostgresServer, startPostgresServer } from "./postgres-server.ts";

/**
 * Provides one PostgreSQL server for all files of a test run, started on the first request. Vitest calls this function
 * before the first test, and the returned function after the last. Tests request the server with `testPostgres()`.
 */
export async function setup(): Promise<() => Promise<void>> {
  const scratch = mkdtempSync(join(tmpdir(), "snakepit-broker-"));
  let starting: Promise<PostgresServer> | undefined;
  const broker = createServer((request) => {
    starting ??= startPostgresServer();
    starting.then(
      (server) => request.end(JSON.stringify({ url: server.url })),
      (thrown: unknown) => request.end(JSON.stringify({ error: String(thrown) })),
    );
  });
  const path = join(scratch, "broker");
  broker.listen(path);
  await once(broker, "listening");
  process.env[POSTGRES_BROKER] = path;
  return async () => {
    broker.close();
    rmSync(scratch, { recursive: true });
    // When the start has failed, the tests that use the server have failed with the reason.
    await starting?.then(
      (server) => server.close(),
      () => {},
    );
  };
}
