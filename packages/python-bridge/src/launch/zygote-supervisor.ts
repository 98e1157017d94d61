import type { Instrumentation, WorkerLogRecord } from "@snakepit/core";
import type { Interpreter } from "../interpreter/interpreter.ts";
import { killOnHostExit } from "./kill-processes.ts";
import { ProcessOutput } from "./process-output.ts";
import type { ProcessRecords } from "./process-records.ts";
import { poolIsClosing } from "./start-errors.ts";
import type { Environment } from "./worker-environment.ts";
import { ZygoteProcess } from "./zygote-process.ts";
import type { StartMethod, ZygoteBoot } from "./zygote-protocol.ts";

/** What a pool's zygotes have in common, one after another. */
export interface SupervisorPlan {
  readonly interpreter: Interpreter;
  readonly cwd: string;
  readonly env: Environment;
  /** The method changes when the target turns out not to support a fork. */
  readonly boot: ZygoteBoot;
  /** Workers that the pool keeps. */
  readonly size: number;
  readonly startTimeoutMs: number;
  readonly book: ProcessRecords;
  readonly instrumentation: Instrumentation;
  /** A worker wrote to its own file descriptors 1 or 2. */
  readonly workerWrote: (workerId: string, piece: string) => void;
}

type SupervisorState =
  | { readonly is: "idle" }
  | { readonly is: "starting"; readonly serving: Promise<ZygoteProcess> }
  | { readonly is: "up"; readonly zygote: ZygoteProcess }
  | { readonly is: "closed" };

/** Milliseconds that workers have to end when their zygote is stopped. Usually none is left by then. */
const STOP_MS = 0;

let lastOrdinal = 0;

/** Keeps one zygote for a pool: starts it when the first worker is launched, and again when it has died. */
export class ZygoteSupervisor {
  readonly #plan: SupervisorPlan;
  readonly #running = new Set<ZygoteProcess>();
  #method: StartMethod;
  #state: SupervisorState = { is: "idle" };
  #warning: string | undefined;

  constructor(plan: SupervisorPlan) {
    this.#plan = plan;
    this.#method = plan.boot.method;
  }

  /** What the import has left behind that may make forked workers hang or mix up answers. */
  get warning(): string | undefined {
    return this.#warning;
  }

  /**
   * Returns the zygote, ready to start workers.
   *
   * @throws SnakepitError `WORKER_START_FAILED`, `PROTOCOL_MISMATCH`, `REGISTRY_UNAVAILABLE`, `SHUTTING_DOWN`, and the
   *   error of the target that Python reported.
   */
  acquire(): Promise<ZygoteProcess> {
    switch (this.#state.is) {
      case "idle":
        return this.#begin();
      case "starting":
        return this.#state.serving;
      case "up":
        return this.#state.zygote.isServing ? Promise.resolve(this.#state.zygote) : this.#begin();
      case "closed":
        return Promise.reject(poolIsClosing(this.#plan.boot.pool));
      default:
        return this.#state satisfies never;
    }
  }

  /** Ends the program, and with it whatever it has started that is still there. May be called more than once. */
  async close(): Promise<void> {
    const before = this.#state;
    this.#become({ is: "closed" });
    await Promise.all([...this.#running].map((zygote) => zygote.stop(STOP_MS)));
    // One that was about to be started sees that it is too late.
    if (before.is === "starting") await Promise.allSettled([before.serving]);
  }

  #begin(): Promise<ZygoteProcess> {
    const serving = this.#start();
    this.#become({ is: "starting", serving });
    serving.then(
      (zygote) => this.#become({ is: "up", zygote }),
      () => this.#become({ is: "idle" }),
    );
    return serving;
  }

  /** The only place that changes the state; closed is for good. */
  #become(next: SupervisorState): void {
    if (this.#state.is !== "closed") this.#state = next;
  }

  async #start(): Promise<ZygoteProcess> {
    const { boot, book, startTimeoutMs, instrumentation } = this.#plan;
    lastOrdinal += 1;
    const zygoteId = `${boot.pool}/zygote-${lastOrdinal}`;
    const startedAt = performance.now();
    await book.reserve({ workerId: zygoteId, pool: boot.pool, role: "zygote" });
    if (this.#state.is === "closed") {
      await book.release(zygoteId);
      throw poolIsClosing(boot.pool);
    }
    const { zygote, activated } = this.#spawn(zygoteId);
    const timer = setTimeout(() => void zygote.timeOut(startTimeoutMs), startTimeoutMs);
    try {
      const [verdict] = await Promise.all([zygote.verdict, activated]);
      if (verdict === "serving") {
        const durationMs = performance.now() - startedAt;
        instrumentation.emit("zygote.ready", { pool: boot.pool, pid: zygote.pid ?? 0, durationMs });
        return zygote;
      }
    } catch (error) {
      await zygote.stop(STOP_MS);
      throw error;
    } finally {
      clearTimeout(timer);
    }
    this.#method = "spawn";
    this.#log(zygoteId, "info", `${boot.target} must not be forked (fork_safe = False): each worker is spawned`);
    return this.#start();
  }

  #spawn(zygoteId: string): { zygote: ZygoteProcess; activated: Promise<void> } {
    const { boot, book, interpreter, cwd, env, size, instrumentation, workerWrote } = this.#plan;
    const activated = Promise.withResolvers<void>();
    const own = { pool: boot.pool, workerId: zygoteId };
    const stdout = new ProcessOutput(instrumentation, { ...own, source: "stdout" });
    const stderr = new ProcessOutput(instrumentation, { ...own, source: "stderr" });
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
        booted: ({ pid, start_time: startTime }) =>
          activated.resolve(book.activate({ workerId: zygoteId, pid, startTime, processGroup: zygote.pid ?? pid })),
        serving: (threads, shared) => {
          if (this.#method !== "fork") return;
          const warnings = [
            ...(threads > 1 ? [threadsBeforeFork(boot.target, threads)] : []),
            ...(shared.length > 0 ? [sharedDescriptors(boot.target, shared)] : []),
          ];
          for (const warning of warnings) this.#log(zygoteId, "warn", warning);
          this.#warning = warnings.length === 0 ? undefined : warnings.join("; ");
        },
        wrote: (workerId, source, piece) => {
          if (workerId !== undefined) workerWrote(workerId, piece);
          else if (source === "stdout") stdout.push(piece);
          else stderr.push(piece);
        },
      },
    );
    this.#running.add(zygote);
    const forgetExit = killOnHostExit(zygote);
    void zygote.gone.then(({ requested }) => {
      this.#running.delete(zygote);
      forgetExit();
      stdout.end();
      stderr.end();
      if (zygote.pid !== undefined) {
        instrumentation.emit("zygote.exited", { pool: boot.pool, pid: zygote.pid, requested });
      }
      return book.release(zygoteId);
    });
    return { zygote, activated: activated.promise };
  }

  #log(zygoteId: string, level: WorkerLogRecord["level"], message: string): void {
    this.#plan.instrumentation.emit("worker.log", {
      pool: this.#plan.boot.pool,
      workerId: zygoteId,
      source: "logging",
      logger: "snakepit",
      level,
      message,
    });
  }
}

function threadsBeforeFork(target: string, threads: number): string {
  const others = threads === 2 ? "a thread" : `${threads - 1} threads`;
  return `importing ${target} started ${others}, which a forked worker does not have, but whose locks it may wait for. If workers hang, set fork_safe = False or startMethod: "spawn"`;
}

function sharedDescriptors(target: string, shared: readonly string[]): string {
  return `importing ${target} opened ${shared.join(", ")}; forked workers share it, so that one gets what belongs to another. Open it in a function marked with @setup or in Adapter.setup(), or set startMethod: "spawn" or fork_safe = False`;
}
