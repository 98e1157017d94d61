import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hostTool, python, Snakepit, type StoreLocation } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { hostMemory, type MemoryInUse, memoryGrowth } from "../testing/memory-growth.ts";
import { until } from "../testing/processes.ts";
import { TEST_REGISTRIES } from "../testing/registries.ts";

const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;
const SESSIONS = 1_000;
/** Sessions in a database: fewer in the ordinary suite, with larger values. The host holds the same for each store. */
const SESSIONS_IN_DATABASE = LONG_TESTS ? SESSIONS : 200;
/** The value of the variable of each session, or one kilobyte for each of a thousand, would exceed it. */
const MOST_GROWTH = 0.9 * 1_048_576;

interface TestStore {
  readonly location: StoreLocation;
  stateRows(): Promise<Readonly<Record<string, number>>>;
}

const STORES: Readonly<Record<string, (directory: string) => Promise<TestStore>>> = {
  memory: async () => ({ location: "memory", stateRows: async () => ({}) }),
  ...TEST_REGISTRIES,
};

let directory: string;
let pit: Snakepit;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-sessions-"));
});
afterEach(async () => {
  await pit.close();
  rmSync(directory, { recursive: true });
});

/** Creates, uses and closes a number of sessions with variables, programs and host tools. */
async function round(sessions: number, value: string): Promise<void> {
  const conversation = async (id: string) => {
    const session = await pit.session(id, { metadata: { id } });
    session.hostTools.register([
      hostTool({ name: "mine", description: "Returns its session.", run: (_, { sessionId }) => sessionId }),
      hostTool({ name: "other", description: "Another one.", run: () => id }),
    ]);
    await session.variables.register("text", { type: "string", value: id + value });
    await session.programs.store("program", { id });
    expect(await session.execute("ask", { name: "mine", args: {} })).toBe(id);
    expect(await session.execute("read", { name: "text" })).toBe(id + value);
    await session.close();
  };
  let next = 0;
  const worker = async () => {
    while (next < sessions) await conversation(`session-${next++}`);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** Returns the memory of the host and its workers in bytes, after a garbage collection. */
async function memory(): Promise<MemoryInUse> {
  await until("the workers were notified of every end", () => pit.workers().every(({ sessions }) => sessions === 0));
  const [one, other] = await Promise.all([pit.execute<number>("forget"), pit.execute<number>("forget")]);
  return { host: await hostMemory(), workers: (one ?? 0) + (other ?? 0) };
}

describe.each(Object.entries(STORES))("with the store in %s", (store, open) => {
  const sessions = store === "memory" ? SESSIONS : SESSIONS_IN_DATABASE;
  test(`${sessions} closed sessions leave no tools, variables, programs or memory behind`, {
    timeout: 900_000,
  }, async ({ annotate }) => {
    const { location, stateRows } = await open(directory);
    pit = await Snakepit.start({
      ...LONG_TIME_LIMITS,
      worker: python(TOOLS),
      size: 2,
      logger: false,
      sessions: { store: location },
    });
    // The first rounds create the objects that are created once and kept.
    const value = "x".repeat(sessions < SESSIONS ? 20_000 : 1_000);
    await round(SESSIONS / 4, value);
    await round(SESSIONS / 4, value);
    const growth = await memoryGrowth(memory, () => round(sessions, value), MOST_GROWTH);
    const rows = await stateRows();
    await annotate(JSON.stringify({ growth, rows }));
    expect(await pit.sessions.stats()).toMatchObject({
      active: 0,
      expired: 0,
      tracked: 0,
      entries: { variable: 0, program: 0 },
    });
    expect(Object.values(rows).filter((count) => count > 0)).toEqual([]);
    expect(await pit.sessions.list()).toEqual([]);
    expect(pit.hostTools.list()).toEqual([]);
    expect(growth.host).toBeLessThan(MOST_GROWTH);
    expect(growth.workers).toBeLessThan(MOST_GROWTH);
  });
});
