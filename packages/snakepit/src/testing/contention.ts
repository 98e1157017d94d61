import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { testPostgres } from "@snakepit/registry/testing/postgres-server";
import { afterEach, beforeEach } from "vitest";
import { python, type Session, Snakepit } from "../index.ts";
import { LONG_TIME_LIMITS } from "./host-under-test.ts";

const TOOLS = `${join(import.meta.dirname, "session_tools.py")}:SessionTools`;

/** Options of tests with contention: each of many updates may need several attempts. */
export const OPTIONS = { timeout: 300_000 };

/** The stores, by name: the option `sessions.store`, or none for the memory of the host. */
export const STORES = {
  memory: async () => undefined,
  SQLite: async (directory: string) => ({ path: join(directory, "sessions.db") }),
  PostgreSQL: async () => ({ url: await (await testPostgres()).createDatabase() }),
} as const;

/** Returns a function that opens the session on new hosts, with two workers each and one store, for one test. */
export function hostsOfTests(): (store: keyof typeof STORES, hosts?: number) => Promise<Session[]> {
  const pits: Snakepit[] = [];
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "snakepit-contended-"));
  });
  afterEach(async () => {
    await Promise.all(pits.splice(0).map((pit) => pit.close()));
    rmSync(directory, { recursive: true });
  });
  return async (kind, hosts = 1) => {
    const store = await STORES[kind](directory);
    const sessions: Session[] = [];
    for (let i = 0; i < hosts; i++) {
      const pit = await Snakepit.start({
        ...LONG_TIME_LIMITS,
        worker: python(TOOLS),
        size: 2,
        logger: false,
        ...(store !== undefined && { sessions: { store } }),
      });
      pits.push(pit);
      sessions.push(await pit.session("s"));
    }
    return sessions;
  };
}

/** A caller that writes without a pause until it is stopped. */
export interface Hot {
  /** Stops and resolves with the sum of what was added. Can be called twice. */
  stop(): Promise<number>;
}

/** Repeats an action that resolves with what it added. Returns when it has begun. */
export async function repeat(action: () => Promise<number>): Promise<Hot> {
  let added = await action();
  let isStopped = false;
  const repeating = (async () => {
    while (!isStopped) {
      added += await action();
      // A store in memory answers without the event loop, which the other callers need.
      await setImmediate();
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await repeating;
      return added;
    },
  };
}
