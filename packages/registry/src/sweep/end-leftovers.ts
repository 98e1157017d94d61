import { setTimeout as delay } from "node:timers/promises";
import { isSameProcess } from "../process-identity/process-identity.ts";
import { readProcessTable } from "../process-identity/process-table.ts";
import { type DeadRuns, findLeftovers, type Leftover, nameOf } from "./find-leftovers.ts";

/** How long killed processes may take to disappear, in milliseconds. */
const PATIENCE_MS = 5_000;

const LONGEST_PAUSE_MS = 100;

/** What became of the processes that dead hosts had left. */
export interface EndedLeftovers {
  readonly killed: readonly Leftover[];
  /** Those that may not be killed or take long to die, for example because they wait in the kernel for a disk. */
  readonly surviving: readonly Leftover[];
}

/**
 * Kills the processes of dead hosts, and waits until they have ended. At once with SIGKILL, because no host is left
 * for an orderly end. Repeats until none is found, since a process may start others up to its end.
 */
export async function endLeftovers(runs: DeadRuns): Promise<EndedLeftovers> {
  if (runs.runIds.size === 0) return { killed: [], surviving: [] };
  const until = performance.now() + PATIENCE_MS;
  const found = new Map<string, Leftover>();
  for (let pause = 2; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    for (const each of findLeftovers(readProcessTable(), runs)) found.set(nameOf(each), each);
    const surviving = [...found.values()].filter(isSameProcess);
    if (surviving.length === 0 || performance.now() > until) {
      return { killed: [...found.values()].filter((each) => !surviving.includes(each)), surviving };
    }
    for (const each of surviving) kill(each);
    await delay(pause);
  }
}

// Asks once more whether the pid still means the same process, with nothing in between but the call.
function kill(leftover: Leftover): void {
  if (!isSameProcess(leftover)) return;
  try {
    process.kill(leftover.pid, "SIGKILL");
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    // Ended by itself, or replaced by an unrelated process: then it is reported as surviving.
    if (code !== "ESRCH" && code !== "EPERM") throw thrown;
  }
}
