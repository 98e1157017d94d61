import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { PROCESS_REGISTRY } from "./database/database-fault.ts";
import { openSqlite } from "./database/sqlite/open-sqlite.ts";
import { describeRegistry } from "./testing/registry-conformance.ts";
import { RegistryFixture } from "./testing/registry-fixture.ts";
import { describeSweep } from "./testing/sweep-conformance.ts";

const scratch = mkdtempSync(join(tmpdir(), "snakepit-registry-"));
afterAll(() => rmSync(scratch, { recursive: true }));

let files = 0;

async function createFixture(): Promise<RegistryFixture> {
  files += 1;
  const path = join(scratch, `${files}.db`);
  return new RegistryFixture({ path }, await openSqlite(path, PROCESS_REGISTRY));
}

describeRegistry("SQLite", createFixture);
describeSweep("SQLite", createFixture);
