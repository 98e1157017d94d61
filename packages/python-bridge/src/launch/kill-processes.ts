import { setTimeout as sleep } from "node:timers/promises";
import { processesWith } from "./process-table.ts";

const PATIENCE_MS = 1_000;
const PAUSE_MS = 5;

/**
 * Kills whatever was started, directly or not, with these variables in its environment, and waits until it is dead.
 * What cannot be killed within a second hangs in the kernel. Never rejects. Linux only, as {@link processesWith}.
 */
export async function killDescendants(variables: Readonly<Record<string, string>>): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    // Without a file descriptor there is nothing to be seen now, but perhaps in a moment.
    const pids = await processesWith(variables).catch(() => undefined);
    if (pids?.length === 0) return;
    for (const pid of pids ?? []) kill(pid, "SIGKILL");
    await sleep(PAUSE_MS);
  }
}

/** Sends a signal to a process, or with a negative number to a group; one that is gone is no error. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    // EPERM: a program with rights of its own (set-user-ID), or on macOS a group of zombies.
    if (code !== "ESRCH" && code !== "EPERM") throw thrown;
  }
}

/** A process that must not outlive this one. */
export interface KilledOnExit {
  /** Called once, when this process exits; must not wait for anything. */
  killNow(): void;
}

const killedOnExit = new Set<KilledOnExit>();

/**
 * Kills `target` when this process exits in an orderly way: `process.exit()`, an uncaught exception, nothing left to do.
 * The kernel and the zygote handle all other ends. `process` has one listener for all targets, and none without targets.
 *
 * @returns a function that undoes it.
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
