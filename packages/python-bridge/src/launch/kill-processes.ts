import { setTimeout as sleep } from "node:timers/promises";
import { processesWith } from "./process-table.ts";

const TIMEOUT_MS = 1_000;
const POLL_INTERVAL_MS = 5;

/**
 * Kills all processes with these environment variables and waits until they have ended, at most one second: a process
 * that takes longer hangs in the kernel. Never rejects. Linux only, like {@link processesWith}.
 */
export async function killDescendants(variables: Readonly<Record<string, string>>): Promise<void> {
  const until = performance.now() + TIMEOUT_MS;
  while (performance.now() < until) {
    // The list cannot be read without a free file descriptor; one may become free.
    const pids = await processesWith(variables).catch(() => undefined);
    if (pids?.length === 0) return;
    for (const pid of pids ?? []) kill(pid, "SIGKILL");
    await sleep(POLL_INTERVAL_MS);
  }
}

/** Sends a signal to a process or, with a negative number, to a process group. Ignores processes that have ended. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    // EPERM: a set-user-ID program or, on macOS, a group that has only zombies.
    if (code !== "ESRCH" && code !== "EPERM") throw thrown;
  }
}

/** A process that must not outlive this one. */
export interface KilledOnExit {
  /** Called once, when this process exits. Must be synchronous. */
  killNow(): void;
}

const killedOnExit = new Set<KilledOnExit>();

/**
 * Kills `target` when this process emits `exit`: on `process.exit()`, an uncaught exception, or an empty event loop.
 * All other ends are handled by the kernel and the zygote. One `exit` listener serves all targets.
 *
 * @returns a function that removes the target again.
 */
export function killOnHostExit(target: KilledOnExit): () => void {
  if (killedOnExit.size === 0) process.on("exit", killAll);
  killedOnExit.add(target);
  return () => {
    killedOnExit.delete(target);
    if (killedOnExit.size === 0) process.off("exit", killAll);
  };
}

function killAll(): void {
  for (const target of killedOnExit) target.killNow();
}
