import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hostTool, python, Snakepit } from "../index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";

const TOOLS = new URL("../testing/resilience_tools.py", import.meta.url);
const SESSION_TOOLS = `${new URL("../testing/session_tools.py", import.meta.url).pathname}:SessionTools`;
const common = commonOptions();

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-limits-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

test("calls of a tool with a limit leave the other workers to other tools, also in a map()", async () => {
  const tools = { hold: { maxConcurrent: 2 } };
  await using pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 4, tools });
  await pit.ready();
  const [journal, gate] = [join(directory, "journal"), join(directory, "gate")];
  const executed = () => readFileSync(journal, "utf8").split("\n").length - 1;
  const items = Array.from({ length: 6 }, () => ({ journal, gate }));
  const batch = (async () => await pit.map<number>("hold", items))();
  const calls = items.map((args) => pit.execute<number>("hold", args));
  await expect.poll(() => pit.stats("default").active, { timeout: 60_000 }).toBe(2);
  // The two other workers are free for as many calls as there are.
  for (let value = 0; value < 50; value++) expect(await pit.execute("plain", { value })).toBe(value);
  await expect.poll(executed, { timeout: 60_000 }).toBe(2);
  writeFileSync(gate, "");
  expect(await batch).toHaveLength(6);
  expect(await Promise.all(calls)).toHaveLength(6);
  expect(executed()).toBe(12);
  expect(pit.stats("default")).toMatchObject({ active: 0, queued: 0 });
});

test("a deadlock at the limit of a tool is broken, although workers are free", async () => {
  const tools = { ask: { maxConcurrent: 1 } };
  await using pit = await Snakepit.start({
    ...common(),
    ...LONG_TIME_LIMITS,
    worker: python(SESSION_TOOLS),
    size: 3,
    tools,
  });
  pit.hostTools.register([
    hostTool({
      name: "again",
      description: "Calls its caller.",
      run: (args) => pit.execute("ask", { name: "again", args }),
    }),
  ]);
  const error = await failure(pit.execute("ask", { name: "again", args: {} }));
  expect(error.message).toContain('until fewer calls of tool "ask" run (maxConcurrent)');
  await expect.poll(() => pit.stats("default").active, { timeout: 60_000 }).toBe(0);
});
