import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openRegistry } from "../../open-registry.ts";
import { asUnprivileged } from "../../testing/unprivileged-user.ts";

const scratch = mkdtempSync(join(tmpdir(), "snakepit-sqlite-"));
afterAll(() => rmSync(scratch, { recursive: true }));

let directory = "";
let directories = 0;
beforeEach(() => {
  directories += 1;
  directory = join(scratch, String(directories));
  mkdirSync(directory, { mode: 0o755 });
});

const reservation = { workerId: "default-1", pool: "default", role: "worker" } as const;

describe("a SQLite file", () => {
  it("is created with its directory, accessible to this user only", async () => {
    const path = join(directory, "new", "deeper", "registry.db");
    const registry = await openRegistry({ path });
    expect(statSync(join(directory, "new")).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await registry.close();
  });

  it("is in the user's state directory by default", async () => {
    const before = process.env["XDG_STATE_HOME"];
    process.env["XDG_STATE_HOME"] = directory;
    const registry = await openRegistry();
    if (before === undefined) delete process.env["XDG_STATE_HOME"];
    else process.env["XDG_STATE_HOME"] = before;
    expect(statSync(join(directory, "snakepit", "registry.db")).size).toBeGreaterThan(0);
    await registry.close();
  });

  it("stays usable after another host has closed it", async () => {
    const path = join(directory, "registry.db");
    const [open, closing] = [await openRegistry({ path }), await openRegistry({ path })];
    await closing.close();
    await open.reserve([reservation]);
    expect(rowsOf(path, "processes")).toHaveLength(1);
    await open.close();
  });

  it("is retried while another process locks it", async () => {
    const path = join(directory, "registry.db");
    const registry = await openRegistry({ path });
    const other = new DatabaseSync(path);
    other.exec("begin immediate");
    let reserved = false;
    const reserving = registry.reserve([reservation]).then(() => {
      reserved = true;
    });
    // While the lock is held, any delay is long enough. That the delay ends shows that the event loop is not blocked.
    await delay(50);
    expect(reserved).toBe(false);
    other.exec("commit");
    other.close();
    await reserving;
    await registry.close();
  });
});

describe("a SQLite file that cannot be used", () => {
  // Modules that are loaded on demand must be loaded before privileges are dropped.
  beforeAll(async () => (await openRegistry({ path: join(scratch, "first.db") })).close());

  it("reports a directory that cannot be created without permission", async () => {
    chmodSync(directory, 0o555);
    const path = join(directory, "new", "registry.db");
    await expect(asUnprivileged(() => openRegistry({ path }))).rejects.toMatchObject(
      unavailable(path, /has no write permission; grant this user write permission/),
    );
  });

  it.runIf(process.platform === "linux")("reports a file system in which no directory can be created", async () => {
    const path = "/proc/snakepit/registry.db";
    await expect(openRegistry({ path })).rejects.toMatchObject(
      unavailable(path, /directory does not exist and cannot be created/),
    );
  });

  it("reports a parent that is not a directory", async () => {
    writeFileSync(join(directory, "file"), "");
    const path = join(directory, "file", "registry.db");
    await expect(openRegistry({ path })).rejects.toMatchObject(unavailable(path, /not a directory; correct the path/));
  });

  it("reports a path that is a directory", async () => {
    await expect(openRegistry({ path: directory })).rejects.toMatchObject(
      unavailable(directory, /is a directory; set the path of a file/),
    );
  });

  it("reports a file that is not writable", async () => {
    const path = join(directory, "registry.db");
    await (await openRegistry({ path })).close();
    chmodSync(path, 0o444);
    chmodSync(scratch, 0o755);
    await expect(asUnprivileged(() => openRegistry({ path }))).rejects.toMatchObject(
      unavailable(path, /has no write permission; grant this user write permission/),
    );
  });

  it("reports a file that is not a database", async () => {
    const path = join(directory, "registry.db");
    writeFileSync(path, "Dear diary, today I was taken for a database. It was not the first time.\n".repeat(20));
    await expect(openRegistry({ path })).rejects.toMatchObject(
      unavailable(path, /not a SQLite database; move it away/),
    );
  });

  it("reports a corrupt file", async () => {
    const path = join(directory, "registry.db");
    await (await openRegistry({ path })).close();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xff, 100));
    await expect(openRegistry({ path })).rejects.toMatchObject(unavailable(path, /corrupt; move the file/));
  });

  it("reports a file that was removed while in use", async () => {
    const path = join(directory, "registry.db");
    const registry = await openRegistry({ path });
    rmSync(path);
    const removed = unavailable(path, /removed or replaced while in use; restart this process/);
    await expect(registry.reserve([reservation])).rejects.toMatchObject(removed);
    await expect(registry.close()).rejects.toMatchObject(removed);
  });
});

function unavailable(path: string, message: RegExp) {
  return {
    code: "REGISTRY_UNAVAILABLE",
    message: expect.stringMatching(message) as string,
    details: { place: path },
  };
}

function rowsOf(path: string, table: string): readonly unknown[] {
  const database = new DatabaseSync(path);
  try {
    return database.prepare(`select * from ${table}`).all();
  } finally {
    database.close();
  }
}
