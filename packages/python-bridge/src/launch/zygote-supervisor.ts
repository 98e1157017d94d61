import { type Instrumentation, type LauncherRenewal, TimeLimit, type WorkerLogRecord } from "@snakepit/core";
import type { Interpreter } from "../interpreter/interpreter.ts";
import { killOnHostExit } from "./kill-processes.ts";
import { ProcessOutput } from "./process-output.ts";
import type { ProcessRecords } from "./process-records.ts";
import { poolIsClosing } from "./start-errors.ts";
import type { Environment } from "./worker-environment.ts";
import { ZygoteProcess } from "./zygote-process.ts";
import type { StartMethod, ZygoteBoot } from "./zygote-protocol.ts";

/** The settings of all successive zygotes of a pool. */
export interface SupervisorOptions {
  readonly interpreter: Interpreter;
  readonly cwd: string;
  readonly env: Environment;
  /** The start method changes to `spawn` if the target does not support a fork. */
  readonly boot: ZygoteBoot;
  /** The size of the pool, in workers. */
  readonly size: number;
  readonly startTimeoutMs: number;
  readonly records: ProcessRecords;
  readonly instrumentation: Instrumentation;
  /** Called when a worker wrote to its file descriptor 1 or 2. */
  readonly onWorkerOutput: (workerId: string, piece: string) => void;
}

type SupervisorState =
  | { readonly is: "idle" }
  /** A zygote is being started before a worker needs it. A failure is reported to the first worker. */
  | { readonly is: "prepared"; readonly serving: Promise<ZygoteProcess> }
  | { readonly is: "starting"; readonly serving: Promise<ZygoteProcess> }
  | { readonly is: "up"; readonly zygote: ZygoteProcess }
  | { readonly is: "closed" };

/** A zygote that has imported the present version of the target, and is not used by launches yet. */
export interface ZygoteRenewal extends LauncherRenewal {
  /** `undefined` if workers import the target themselves. */
  readonly zygote: ZygoteProcess | undefined;
}

/** Milliseconds that workers have to end when their zygote is stopped. Normally all of them have ended before. */
const STOP_MS = 0;

let lastOrdinal = 0;

/** Supervises the zygote of a pool: starts it for the first worker, and restarts it after it has ended. */
export class ZygoteSupervisor {
  readonly #options: SupervisorOptions;
  readonly #running = new Set<ZygoteProcess>();
  #method: StartMethod;
  #state: SupervisorState = { is: "idle" };
  #warning: string | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#method = options.boot.method;
  }

  /** The warning about threads or descriptors of the import that can make forked workers hang or fail. */
  get warning(): string | undefined {
    return this.#warning;
  }

  /**
   * Starts a zygote before the first worker needs it. Resolves when its process was created or cannot be created; never
   * rejects.
   */
  async prepare(): Promise<void> {
    if (this.#state.is !== "idle") return;
    const { promise: spawned, resolve } = Promise.withResolvers<void>();
    const serving = this.#start(resolve);
    this.#become({ is: "prepared", serving });
    await Promise.race([spawned, serving.catch(() => {})]);
  }

  /**
   * Resolves with a zygote that can start workers; starts one if necessary.
   *
   * @throws SnakepitError `WORKER_START_FAILED`, `PROTOCOL_MISMATCH`, `REGISTRY_UNAVAILABLE` or `SHUTTING_DOWN`.
   */
  acquire(): Promise<ZygoteProcess> {
    switch (this.#state.is) {
      case "idle":
        return this.#begin();
      case "prepared":
        return this.#follow(this.#state.serving);
      case "starting":
        return this.#state.serving;
      case "up":
        return this.#state.zygote.isServing ? Promise.resolve(this.#state.zygote) : this.#begin();
      case "closed":
        return Promise.reject(poolIsClosing(this.#options.boot.pool));
      default:
        return this.#state satisfies never;
    }
  }

  /**
   * Starts another zygote, which imports the present version of the target, in addition to the current one. Spawned
   * workers import the target themselves, so that no other zygote is needed for them.
   *
   * @throws SnakepitError like {@link acquire}.
   */
  async renew(): Promise<ZygoteRenewal> {
    if (this.#method === "spawn") return { zygote: undefined, adopt() {}, async discard() {} };
    const zygote = await this.#start();
    let isDecided = false;
    return {
      zygote,
      adopt: () => {
        if (isDecided) return;
        isDecided = true;
        const before = this.#state;
        this.#become({ is: "up", zygote });
        if (before.is === "up") before.zygote.retire();
        else if (before.is === "prepared" || before.is === "starting")
          before.serving.then(
            (old) => old.retire(),
            () => {},
          );
      },
      discard: async () => {
        if (isDecided) return;
        isDecided = true;
        zygote.retire();
        await zygote.exited;
      },
    };
  }

  /** Ends the zygote and all its descendants. Can be called repeatedly. */
  async close(): Promise<void> {
    const before = this.#state;
    this.#become({ is: "closed" });
    await Promise.all([...this.#running].map((zygote) => zygote.stop(STOP_MS)));
    // A start in progress checks for this state and fails.
    if (before.is === "prepared" || before.is === "starting") await Promise.allSettled([before.serving]);
  }

  #begin(): Promise<ZygoteProcess> {
    return this.#follow(this.#start());
  }

  #follow(serving: Promise<ZygoteProcess>): Promise<ZygoteProcess> {
    this.#become({ is: "starting", serving });
    // Another one may have been adopted meanwhile.
    const isCurrent = () => this.#state.is === "starting" && this.#state.serving === serving;
    serving.then(
      (zygote) => isCurrent() && this.#become({ is: "up", zygote }),
      () => isCurrent() && this.#become({ is: "idle" }),
    );
    return serving;
  }

  /** The only method that changes the state. `closed` is final. */
  #become(next: SupervisorState): void {
    if (this.#state.is !== "closed") this.#state = next;
  }

  /** @param onSpawned called when the process was created. */
  async #start(onSpawned: () => void = () => {}): Promise<ZygoteProcess> {
    const { boot, records, startTimeoutMs, instrumentation } = this.#options;
    lastOrdinal += 1;
    const zygoteId = `${boot.pool}/zygote-${lastOrdinal}`;
    const startedAt = performance.now();
    await records.reserve({ workerId: zygoteId, pool: boot.pool, role: "zygote" });
    if (this.#state.is === "closed") {
      await records.release(zygoteId);
      throw poolIsClosing(boot.pool);
    }
    const { zygote, activated } = this.#spawn(zygoteId);
    onSpawned();
    const limit = new TimeLimit(startTimeoutMs, () => void zygote.timeOut(startTimeoutMs));
    try {
      const [readiness] = await Promise.all([zygote.ready, activated]);
      if (readiness === "serving") {
        const durationMs = performance.now() - startedAt;
        instrumentation.emit("zygote.ready", { pool: boot.pool, pid: zygote.pid ?? 0, durationMs });
        return zygote;
      }
    } catch (error) {
      await zygote.stop(STOP_MS);
      throw error;
    } finally {
      limit.cancel();
    }
    this.#method = "spawn";
    this.#log("info", `${boot.target} does not support fork (fork_safe = False); its workers are spawned`);
    return this.#start();
  }

  #spawn(zygoteId: string): { zygote: ZygoteProcess; activated: Promise<void> } {
    const { boot, records, interpreter, cwd, env, size, instrumentation, onWorkerOutput } = this.#options;
    const activated = Promise.withResolvers<void>();
    const origin = { pool: boot.pool, workerId: zygoteId };
    const stdout = new ProcessOutput(instrumentation, { ...origin, source: "stdout" });
    const stderr = new ProcessOutput(instrumentation, { ...origin, source: "stderr" });
    const zygote = new ZygoteProcess(
      {
        interpreter,
        cwd,
        env,
        size,
        boot: { ...boot, method: this.#method },
        zygoteId,
      },
      {
        onBooted: ({ pid, start_time: startTime }) =>
          activated.resolve(records.activate({ workerId: zygoteId, pid, startTime, processGroup: zygote.pid ?? pid })),
        onServing: ({ threads, shared, not_enforced: notEnforced }) => {
          if (notEnforced !== null) this.#log("warn", `pool "${boot.pool}": ${notEnforced}`);
          if (this.#method !== "fork") return;
          const warnings = [
            ...(threads > 1 ? [threadsBeforeFork(boot.target, threads)] : []),
            ...(shared.length > 0 ? [sharedDescriptors(boot.target, shared)] : []),
          ];
          for (const warning of warnings) this.#log("warn", warning);
          this.#warning = warnings.length === 0 ? undefined : warnings.join("; ");
        },
        onOutput: (workerId, source, piece) => {
          if (workerId !== undefined) onWorkerOutput(workerId, piece);
          else if (source === "stdout") stdout.push(piece);
          else stderr.push(piece);
        },
      },
    );
    this.#running.add(zygote);
    const removeExitHandler = killOnHostExit(zygote);
    void zygote.exited.then(({ requested }) => {
      this.#running.delete(zygote);
      removeExitHandler();
      stdout.end();
      stderr.end();
      if (zygote.pid !== undefined) {
        instrumentation.emit("zygote.exited", { pool: boot.pool, pid: zygote.pid, requested });
      }
      return records.release(zygoteId);
    });
    return { zygote, activated: activated.promise };
  }

  /** Logs a record about all workers of the pool, which has the name of the pool in place of the ID of a worker. */
  #log(level: WorkerLogRecord["level"], message: string): void {
    const { pool } = this.#options.boot;
    this.#options.instrumentation.emit("worker.log", {
      pool,
      workerId: pool,
      source: "logging",
      logger: "snakepit",
      level,
      message,
    });
  }
}

function threadsBeforeFork(target: string, threads: number): string {
  const others = threads === 2 ? "a thread" : `${threads - 1} threads`;
  return `importing ${target} started ${others}; a forked worker does not have such threads, but may wait for a lock that one of them held; if workers hang, set fork_safe = False or startMethod: "spawn"`;
}

function sharedDescriptors(target: string, shared: readonly string[]): string {
  return `importing ${target} opened ${shared.join(", ")}; forked workers share it, and one may receive the data of another; open it in a function marked with @setup or in Adapter.setup(), or set startMethod: "spawn" or fork_safe = False`;
}
