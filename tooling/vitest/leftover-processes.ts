// A test run that leaves a process behind fails. What a test starts inherits two marks in its environment, so that a
// process whose parent is gone is found as well. Linux only: elsewhere there is no /proc to read.
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { FILE_MARK, RUN_MARK } from "./marks.ts";
import { type ProcessRow, readProcessTable } from "./process-table.ts";

const PATIENCE_MS = 5_000;

/** Called by vitest before the first test; what it returns is called after the last. */
export function setup(): () => Promise<void> {
  const run = randomUUID();
  process.env[RUN_MARK] = run;
  return async () => {
    const left = await outlast(run);
    if (left.length === 0) return;
    for (const row of left) kill(row.pid);
    const lines = left.map((row) => `  pid ${row.pid}, from ${row.environment.get(FILE_MARK)}: ${row.command}`);
    throw new Error(`the tests left ${left.length} process(es) behind (now killed):\n${lines.join("\n")}`);
  };
}

// Processes that were told to end may need a moment.
async function outlast(run: string): Promise<readonly ProcessRow[]> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const left = readProcessTable().filter((row) => row.environment.get(RUN_MARK) === run && startedByTest(row));
    if (left.length === 0 || performance.now() > until) return left;
    await delay(50);
  }
}

// Vitest's own processes carry the mark of the run, but not that of a file.
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
