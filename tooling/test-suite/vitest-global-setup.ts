import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endLeftoverProcesses, LEFTOVERS_REPORT, RUN_MARK } from "./leftover-processes.ts";
import { openRunDirectory } from "./run-directory.ts";

/**
 * Called by vitest before the first test; the returned function is called after the last: leftover processes fail the
 * run. Temporary files and the persistent files of hosts are in a directory of this run: the user's directories are not
 * used, and a killed run leaves only this directory, which the next run removes.
 */
export function setup(): () => Promise<void> {
  // Set by `npm test`, which also ends leftover processes when a signal has ended vitest.
  const run = process.env[RUN_MARK] ?? randomUUID();
  const directory = openRunDirectory();
  const state = join(directory.path, "state");
  mkdirSync(state);
  process.env[RUN_MARK] = run;
  process.env["TMPDIR"] = directory.path;
  process.env["XDG_STATE_HOME"] = state;
  return async () => {
    const left = await endLeftoverProcesses(run);
    directory[Symbol.dispose]();
    if (left === undefined) return;
    // Vitest's own reports do not contain errors of its teardown.
    const report = process.env[LEFTOVERS_REPORT];
    if (report !== undefined) writeFileSync(report, left);
    throw new Error(left);
  };
}
