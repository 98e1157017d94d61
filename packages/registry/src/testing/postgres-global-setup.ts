import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PostgresServer, startPostgresServer } from "./postgres-server.ts";
import { POSTGRES_DESK } from "./test-postgres.ts";

/**
 * One PostgreSQL server for all files of a test run, started when the first of them asks for it. Called by vitest before
 * the first test; what it returns is called after the last. A test asks with `testPostgres()`.
 */
export async function setup(): Promise<() => Promise<void>> {
  const scratch = mkdtempSync(join(tmpdir(), "snakepit-desk-"));
  let starting: Promise<PostgresServer> | undefined;
  const desk = createServer((asking) => {
    starting ??= startPostgresServer();
    starting.then(
      (server) => asking.end(JSON.stringify({ url: server.url })),
      (thrown: unknown) => asking.end(JSON.stringify({ error: String(thrown) })),
    );
  });
  const path = join(scratch, "desk");
  desk.listen(path);
  await once(desk, "listening");
  process.env[POSTGRES_DESK] = path;
  return async () => {
    desk.close();
    rmSync(scratch, { recursive: true });
    // The tests that need it have failed with the reason.
    await starting?.then(
      (server) => server.close(),
      () => {},
    );
  };
}
