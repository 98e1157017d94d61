import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { python, Snakepit, type StoreLocation } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { TEST_REGISTRIES } from "../testing/registries.ts";

const HOST = join(import.meta.dirname, "../testing/session-host-process.ts");
const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;

let directory: string;
const hosts: ChildProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-sessions-"));
});
afterEach(() => {
  for (const host of hosts.splice(0)) if (host.exitCode === null && host.signalCode === null) host.kill("SIGKILL");
  rmSync(directory, { recursive: true });
});

interface Committed {
  here?: number;
  there?: number;
  turns?: number;
  program?: number;
}

/** Starts a host, kills it at a random time, and returns the changes that it reported as committed. */
async function killedHost(store: StoreLocation, afterMs: number): Promise<Committed> {
  const orders = JSON.stringify({ store, ...places() });
  const host = spawn(process.execPath, ["--conditions=source", HOST, orders], { stdio: ["ignore", "pipe", "inherit"] });
  hosts.push(host);
  const committed: Committed = {};
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const lines = createInterface(host.stdout);
  lines.on("line", (line) => {
    const facts = JSON.parse(line) as Committed & { ready?: boolean };
    if (facts.ready === true) resolve();
    else Object.assign(committed, facts);
  });
  const exited = once(host, "exit");
  await Promise.race([ready, exited.then(() => Promise.reject(new Error("the host ended by itself")))]);
  await sleep(afterMs);
  host.kill("SIGKILL");
  await Promise.all([exited, once(lines, "close")]);
  return committed;
}

/** The locations that successive hosts share. */
function places() {
  return { registry: { path: join(directory, "registry.db") }, socketDirectory: directory };
}

describe.each(Object.entries(TEST_REGISTRIES))("on %s, when the host is killed", (_, open) => {
  test("the next host continues the session, and no committed change is lost", async () => {
    const { location: store } = await open(directory);
    const committed = await killedHost(store, 100 + Math.random() * 400);
    const sessions = { store };
    await using pit = await Snakepit.start({
      ...LONG_TIME_LIMITS,
      worker: python(TOOLS),
      size: 1,
      logger: false,
      sessions,
      ...places(),
    });
    const session = await pit.session("conversation", { metadata: { turns: -1 } });

    // Changes in progress may have been committed as well, but no others.
    const found = {
      here: await session.variables.get<number>("here"),
      there: await session.execute<number>("read", { name: "there" }),
      turns: Number((await session.metadata())["turns"]),
      program: (await session.programs.get<{ version: number }>("program")).version,
    };
    for (const name of ["here", "there", "turns", "program"] as const) {
      expect(committed[name] ?? 0).toBeGreaterThanOrEqual(0);
      expect(found[name]).toBeGreaterThanOrEqual(committed[name] ?? 0);
      expect(found[name]).toBeLessThanOrEqual((committed[name] ?? 0) + 1);
    }
    expect(await session.execute("increment", { name: "here", times: 1 })).toBe(found.here + 1);
    expect((await session.info()).createdAt).toBeLessThan(Date.now());
    expect(await pit.sessions.stats()).toMatchObject({ active: 1, entries: { variable: 2, program: 1 } });
  });
});
