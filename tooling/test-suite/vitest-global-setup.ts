import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endLeftoverProcesses } from "./leftover-processes.ts";
import { RUN_MARK } from "./marks.ts";

/**
 * Called by vitest before the first test; what it returns is called after the last: processes left behind fail the run.
 * What hosts keep between runs goes into a directory of this run: the user's own is neither used nor changed.
 */
export function setup(): () => Promise<void> {
  const run = randomUUID();
  process.env[RUN_MARK] = run;
  const state = mkdtempSync(join(tmpdir(), "snakepit-tests-"));
  process.env["XDG_STATE_HOME"] = state;
  return async () => {
    const left = await endLeftoverProcesses(run);
    rmSync(state, { recursive: true });
    if (left !== undefined) throw new Error(left);
  };
}
