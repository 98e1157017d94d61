import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { endLeftoverProcesses } from "./leftover-processes.ts";
import { RUN_MARK } from "./marks.ts";
import { openRunDirectory } from "./run-directory.ts";

/**
 * Called by vitest before the first test; what it returns is called after the last: processes left behind fail the run.
 * Temporary files, and what hosts keep between runs, go into a directory of this run: the user's own is neither used nor
 * changed, and a run that is killed leaves only that directory, which the next run removes.
 */
export function setup(): () => Promise<void> {
  const run = randomUUID();
  const directory = openRunDirectory();
  const state = join(directory.path, "state");
  mkdirSync(state);
  process.env[RUN_MARK] = run;
  process.env["TMPDIR"] = directory.path;
  process.env["XDG_STATE_HOME"] = state;
  return async () => {
    const left = await endLeftoverProcesses(run);
    directory[Symbol.dispose]();
    if (left !== undefined) throw new Error(left);
  };
}
