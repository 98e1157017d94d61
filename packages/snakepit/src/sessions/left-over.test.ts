import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hostTool, python, Snakepit } from "../index.ts";
import { until } from "../testing/processes.ts";

const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;
const SESSIONS = 1_000;
const MIB = 1_048_576;

let pit: Snakepit;
beforeEach(async () => {
  pit = await Snakepit.start({ worker: python(TOOLS), size: 2, logger: false });
  await pit.ready();
});
afterEach(() => pit.close());

const collectGarbage = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

/** Makes sessions with all that may belong to one, uses them, and closes them. */
async function round(): Promise<void> {
  const conversation = async (id: string) => {
    const session = await pit.session(id, { metadata: { id } });
    session.hostTools.register([
      hostTool({ name: "mine", description: "Says whose it is.", run: (_, { sessionId }) => sessionId }),
      hostTool({ name: "other", description: "Another one.", run: () => id }),
    ]);
    await session.variables.register("text", { type: "string", value: id.repeat(100) });
    await session.programs.store("program", { id });
    expect(await session.execute("ask", { name: "mine", args: {} })).toBe(id);
    expect(await session.execute("read", { name: "text" })).toBe(id.repeat(100));
    await session.close();
  };
  let next = 0;
  const worker = async () => {
    while (next < SESSIONS) await conversation(`session-${next++}`);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** Bytes that the host and its workers hold once the dust has settled. */
async function memory(): Promise<{ host: number; workers: number }> {
  await until("the workers have heard of every end", () => pit.workers().every(({ sessions }) => sessions === 0));
  const [one, other] = await Promise.all([pit.execute<number>("forget"), pit.execute<number>("forget")]);
  await sleep(0);
  collectGarbage();
  return { host: process.memoryUsage().heapUsed, workers: (one ?? 0) + (other ?? 0) };
}

test("a thousand sessions with tools, variables and programs leave nothing when they are closed", {
  timeout: 60_000,
}, async () => {
  // What is made once and kept is made in the first rounds.
  await round();
  await round();
  const before = await memory();
  await round();
  const after = await memory();
  expect(await pit.sessions.stats()).toMatchObject({
    live: 0,
    expired: 0,
    attended: 0,
    entries: { variable: 0, program: 0 },
  });
  expect(await pit.sessions.list()).toEqual([]);
  expect(pit.hostTools.list()).toEqual([]);
  expect(after.host - before.host).toBeLessThan(2 * MIB);
  expect(after.workers - before.workers).toBeLessThan(2 * MIB);
});
