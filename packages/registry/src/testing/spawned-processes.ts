import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import type { ProcessIdentity } from "@snakepit/core";
import { isSameProcess, processStartTime } from "../process-identity/process-identity.ts";

/** Processes that a test has to do with; none of them outlives it. */
export class SpawnedProcesses {
  readonly #known: ProcessIdentity[] = [];

  /** Starts a process that lives until it is killed, and resolves to its identity. */
  async spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): Promise<ProcessIdentity> {
    const child: ChildProcess = spawn(command, args, { stdio: "ignore", ...options });
    await once(child, "spawn");
    return this.adopt(child.pid!);
  }

  /** Records a process that was started elsewhere, and returns its identity. */
  adopt(pid: number): ProcessIdentity {
    const identity = { pid, startTime: processStartTime(pid) ?? "ended already" };
    this.#known.push(identity);
    return identity;
  }

  /** Kills those that are still alive. */
  killAll(): void {
    for (const identity of this.#known.splice(0)) {
      if (isSameProcess(identity)) process.kill(identity.pid, "SIGKILL");
    }
  }
}
