import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { identifyHost } from "../host/host-identity.ts";
import { stateDirectory } from "../location/state-directory.ts";
import { examineRegistry, openRegistry } from "../open-registry.ts";
import { examineStateStore } from "../state/open-state-store.ts";
import { testPostgres } from "../testing/postgres-server.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-examine-"));
  path = join(directory, "registry.db");
});
afterEach(() => rmSync(directory, { recursive: true }));

test("a missing file is not created", async () => {
  expect(await examineRegistry({ path })).toEqual({ is: "missing", place: path });
  expect(await examineStateStore({ path })).toEqual({ is: "missing", place: path });
  expect(existsSync(path)).toBe(false);
});

test("running and dead hosts are reported, and nothing is changed", async () => {
  const registry = await openRegistry({ path });
  try {
    const { hostId, bootId, pidNamespace } = identifyHost(stateDirectory());
    const database = new DatabaseSync(path);
    database
      .prepare("insert into hosts values ('dead', ?, 'test', ?, ?, ?, 'never', '2026-01-01T00:00:00.000Z')")
      .run(hostId, bootId, pidNamespace, process.pid);
    expect(await examineRegistry({ path })).toEqual({
      is: "usable",
      place: path,
      needsMigration: false,
      hosts: 1,
      deadHosts: [{ runId: "dead", pid: process.pid, startedAt: "2026-01-01T00:00:00.000Z", processes: [] }],
    });
    expect(database.prepare("select count(*) as hosts from hosts").get()).toEqual({ hosts: 2 });
    database.close();
  } finally {
    await registry.close();
  }
});

test("an empty database is not migrated", async () => {
  const { url } = { url: await (await testPostgres()).createDatabase() };
  const usable = { is: "usable", needsMigration: true, hosts: 0, deadHosts: [] };
  expect(await examineRegistry({ url, connectTimeoutMs: 60_000 })).toMatchObject(usable);
  expect(await examineRegistry({ url, connectTimeoutMs: 60_000 })).toMatchObject(usable);
  expect(await examineStateStore({ url, connectTimeoutMs: 60_000 })).toMatchObject({ is: "usable" });
});

test("a file that is not a database, or that is partly overwritten, is reported as corrupt", async () => {
  writeFileSync(path, "not a database".repeat(100));
  expect(await examineRegistry({ path })).toMatchObject({ is: "corrupt", place: path });
  rmSync(path);
  await (await openRegistry({ path })).close();
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, 2 * 4096);
  closeSync(file);
  expect(await examineRegistry({ path })).toMatchObject({ is: "corrupt" });
  await expect(examineStateStore({ path })).rejects.toMatchObject({ code: "REGISTRY_UNAVAILABLE" });
});

test("a database of a newer version is rejected", async () => {
  await (await openRegistry({ path })).close();
  const database = new DatabaseSync(path);
  database.exec("insert into migrations values ('999-future', '2030')");
  database.close();
  await expect(examineRegistry({ path })).rejects.toMatchObject({ code: "REGISTRY_UNAVAILABLE" });
});
