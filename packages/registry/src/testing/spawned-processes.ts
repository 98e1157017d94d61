import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import type { ProcessIdentity } from "@snakepit/core";
import { isSameProcess, processStartTime } from "../process-identity/process-identity.ts";

/** The processes of a test, which are killed at its end. */
export class SpawnedProcesses {
  readonly #known: ProcessIdentity[] = [];

  /** Starts a process, and resolves with its identity. */
  async spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): Promise<ProcessIdentity> {
    const child: ChildProcess = spawn(command, args, { stdio: "ignore", ...options });
    await once(child, "spawn");
    return this.adopt(child.pid!);
  }

  /** Records a process that was started elsewhere, and returns its identity. */
  adopt(pid: number): ProcessIdentity {
    const identity = { pid, startTime: processStartTime(pid) ?? "already ended" };
    this.#known.push(identity);
    return identity;
  }

  /** Kills the processes that are still running. */
  killAll(): void {
    for (const identity of this.#known.splice(0)) {
      if (isSameProcess(identity)) process.kill(identity.pid, "SIGKILL");
    }
  }
}
