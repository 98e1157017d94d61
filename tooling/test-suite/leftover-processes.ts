import { setTimeout as delay } from "node:timers/promises";
import { type ProcessRow, readProcessTable } from "./process-table.ts";

/** The environment variable that identifies a test run in all its processes. */
export const RUN_MARK = "SNAKEPIT_TEST_RUN";

/** The environment variable that names the test file that started a process. */
export const FILE_MARK = "SNAKEPIT_TEST_FILE";

/** The environment variable that names the file that vitest's teardown describes leftover processes in. */
export const LEFTOVERS_REPORT = "SNAKEPIT_TEST_LEFTOVERS";

/**
 * Kills and describes the leftover processes of the tests of a run. Processes of tests inherit two marks in their
 * environment, so orphaned processes are found as well. Linux only, because it reads /proc.
 *
 * @param run the value of {@link RUN_MARK} in that run
 * @param patienceMs how long to wait for processes that are shutting down
 * @returns undefined if no process is left
 */
export async function endLeftoverProcesses(run: string, patienceMs = 60_000): Promise<string | undefined> {
  const left = await outlast(run, patienceMs);
  if (left.length === 0) return undefined;
  for (const row of left) kill(row.pid);
  const lines = left.map((row) => `  pid ${row.pid}, from ${row.environment.get(FILE_MARK)}: ${row.command}`);
  return `the tests left ${left.length} process(es) behind (now killed):\n${lines.join("\n")}`;
}

async function outlast(run: string, patienceMs: number): Promise<readonly ProcessRow[]> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const left = readProcessTable().filter((row) => row.environment.get(RUN_MARK) === run && startedByTest(row));
    if (left.length === 0 || performance.now() > until) return left;
    await delay(50);
  }
}

// The processes of the test runner have the mark of the run, but not that of a file.
function startedByTest(row: ProcessRow): boolean {
  return row.environment.has(FILE_MARK);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}
