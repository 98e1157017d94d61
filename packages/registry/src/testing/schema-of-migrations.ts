import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRegistry } from "../open-registry.ts";
import { testPostgres } from "./postgres-server.ts";
import { dumpPostgresql, dumpSqlite } from "./schema-dump.ts";

/** The path of the dump of each schema in the package. */
export const SCHEMA_FILES = { sqlite: "schema/sqlite.sql", postgresql: "schema/postgresql.sql" } as const;

/** Returns the schema that the migrations create in each database, by the path of its dump. */
export async function schemaOfMigrations(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    [SCHEMA_FILES.sqlite, await sqliteSchema()],
    [SCHEMA_FILES.postgresql, await postgresqlSchema()],
  ]);
}

async function sqliteSchema(): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), "snakepit-schema-"));
  try {
    const path = join(scratch, "registry.db");
    await (await openRegistry({ path })).close();
    return dumpSqlite(path);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function postgresqlSchema(): Promise<string> {
  await using server = await testPostgres();
  const url = await server.createDatabase();
  await (await openRegistry({ url })).close();
  return await dumpPostgresql(url);
}
