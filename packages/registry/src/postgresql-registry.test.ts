import { afterAll, beforeAll } from "vitest";
import { PROCESS_REGISTRY } from "./database/database-fault.ts";
import { openPostgresql } from "./database/postgresql/open-postgresql.ts";
import type { PostgresServer } from "./testing/postgres-server.ts";
import { describeRegistry } from "./testing/registry-conformance.ts";
import { RegistryFixture } from "./testing/registry-fixture.ts";
import { describeSweep } from "./testing/sweep-conformance.ts";
import { testPostgres } from "./testing/test-postgres.ts";

let server: PostgresServer;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(() => server.close());

async function createFixture(): Promise<RegistryFixture> {
  const url = await server.createDatabase();
  return new RegistryFixture({ url }, await openPostgresql(url, PROCESS_REGISTRY, 5_000));
}

describeRegistry("PostgreSQL", createFixture);
describeSweep("PostgreSQL", createFixture);
