import { randomUUID } from "node:crypto";
import { endLeftoverProcesses } from "./leftover-processes.ts";
import { RUN_MARK } from "./marks.ts";

/** Called by vitest before the first test; what it returns is called after the last: processes left behind fail the run. */
export function setup(): () => Promise<void> {
  const run = randomUUID();
  process.env[RUN_MARK] = run;
  return async () => {
    const left = await endLeftoverProcesses(run);
    if (left !== undefined) throw new Error(left);
  };
}
