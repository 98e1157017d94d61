import { setTimeout as delay } from "node:timers/promises";
import { isSameProcess } from "../process-identity/process-identity.ts";
import { readProcessTable } from "../process-identity/process-table.ts";
import { type DeadRuns, findLeftovers, keyOf, type Leftover } from "./find-leftovers.ts";

/** Time limit for killed processes to end, in milliseconds. */
const KILL_TIMEOUT_MS = 5_000;

const MAX_PAUSE_MS = 100;

/** The processes of dead hosts after a sweep. */
export interface EndedLeftovers {
  readonly killed: readonly Leftover[];
  /**
   * Processes that could not be killed, or did not end in time, for example because they wait for a disk in the kernel.
   */
  readonly surviving: readonly Leftover[];
}

/**
 * Kills the processes of dead hosts and waits until they have ended. Sends SIGKILL immediately, because no host is left
 * for an orderly shutdown. Repeats until no process is found, because a process may start others until it ends.
 */
export async function endLeftovers(runs: DeadRuns): Promise<EndedLeftovers> {
  if (runs.runIds.size === 0) return { killed: [], surviving: [] };
  const until = performance.now() + KILL_TIMEOUT_MS;
  const found = new Map<string, Leftover>();
  for (let pause = 2; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
    for (const each of findLeftovers(readProcessTable(), runs)) found.set(keyOf(each), each);
    const surviving = [...found.values()].filter(isSameProcess);
    if (surviving.length === 0 || performance.now() > until) {
      return { killed: [...found.values()].filter((each) => !surviving.includes(each)), surviving };
    }
    for (const each of surviving) kill(each);
    await delay(pause);
  }
}

// Checks immediately before the kill that the PID still belongs to the same process.
function kill(leftover: Leftover): void {
  if (!isSameProcess(leftover)) return;
  try {
    process.kill(leftover.pid, "SIGKILL");
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    // ESRCH: the process has ended. EPERM: it may not be killed, and is reported as surviving.
    if (code !== "ESRCH" && code !== "EPERM") throw thrown;
  }
}
