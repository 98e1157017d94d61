import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PROCESS_REGISTRY } from "./database/database-fault.ts";
import { openPostgresql } from "./database/postgresql/open-postgresql.ts";
import { openSqlite } from "./database/sqlite/open-sqlite.ts";
import { emptyDatabase, type PostgresServer, testPostgres } from "./testing/postgres-server.ts";
import { describeRegistry } from "./testing/registry-conformance.ts";
import { RegistryFixture } from "./testing/registry-fixture.ts";
import { schemaOfMigrations } from "./testing/schema-of-migrations.ts";
import { describeSweep } from "./testing/sweep-conformance.ts";

const scratch = mkdtempSync(join(tmpdir(), "snakepit-registry-"));
afterAll(() => rmSync(scratch, { recursive: true }));

let server: PostgresServer;
let url: string;
beforeAll(async () => {
  server = await testPostgres();
  url = await server.createDatabase();
});
afterAll(() => server.close());

let files = 0;

async function onSqlite(): Promise<RegistryFixture> {
  files += 1;
  const path = join(scratch, `${files}.db`);
  return new RegistryFixture({ path }, await openSqlite(path, PROCESS_REGISTRY));
}

async function onPostgresql(): Promise<RegistryFixture> {
  await emptyDatabase(url);
  return new RegistryFixture({ url }, await openPostgresql(url, PROCESS_REGISTRY, 60_000));
}

describeRegistry("SQLite", onSqlite);
describeSweep("SQLite", onSqlite);

describeRegistry("PostgreSQL", onPostgresql);
describeSweep("PostgreSQL", onPostgresql);

it("the migrations create the schemas in schema/", async () => {
  for (const [file, schema] of await schemaOfMigrations()) {
    await expect(schema).toMatchFileSnapshot(join(import.meta.dirname, "..", file));
  }
});
