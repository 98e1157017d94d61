import { setTimeout as sleep } from "node:timers/promises";
import { PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import type { SnakepitError } from "@snakepit/core";
import { diagnoseInterpreter, interpreterNotStarted } from "../interpreter/diagnose-interpreter.ts";
import type { Interpreter } from "../interpreter/interpreter.ts";
import type { Demand } from "../system-shortage.ts";
import { kill, killDescendants } from "./kill-processes.ts";
import { RUN_ID_VARIABLE, startTimeOf, ZYGOTE_ID_VARIABLE } from "./process-table.ts";
import {
  describeEnd,
  diedWhileLoading,
  failureOfEnd,
  foreignProtocol,
  type LostWorker,
  loadingTimedOut,
  notAnEvent,
  notStarted,
  poolIsClosing,
  targetNotLoaded,
  zygoteLost,
} from "./start-errors.ts";
import type { Environment } from "./worker-environment.ts";
import type { WorkerProcess } from "./worker-process.ts";
import { WorkerTable } from "./worker-table.ts";
import { ZygoteChannel, type ZygoteEnd } from "./zygote-channel.ts";
import { ZygoteOutput } from "./zygote-output.ts";
import type { BootedEvent, WorkerStart, ZygoteBoot, ZygoteEvent } from "./zygote-protocol.ts";

/** Milliseconds between the request for a stack and the kill. */
const ABORT_MS = 500;
/** Milliseconds that a zygote may take to execute a command, and to answer whether it still runs. */
const PATIENCE_MS = 5_000;

/** What a zygote is started with. */
export interface ZygotePlan {
  readonly zygoteId: string;
  readonly interpreter: Interpreter;
  readonly cwd: string;
  readonly env: Environment;
  /** Workers that the pool keeps. */
  readonly size: number;
  readonly boot: ZygoteBoot;
}

/** Is notified of what happens to a zygote. */
export interface ZygoteListener {
  /** The process runs and has identified itself. */
  booted(facts: BootedEvent): void;
  /**
   * It can start workers. With more than one thread a forked worker may wait for a lock that no thread of it releases;
   * `shared` describes descriptors that the workers would use at the same time.
   */
  serving(threads: number, shared: readonly string[]): void;
  /** A worker wrote to its own file descriptors 1 and 2; without a worker, the zygote did. */
  wrote(workerId: string | undefined, source: "stdout" | "stderr", piece: string): void;
}

/** What a zygote can be used for. */
export type ZygoteVerdict = "serving" | "not-fork-safe";

/** The end of a zygote. */
export interface ZygoteGone {
  readonly end: ZygoteEnd;
  /** Whether the host asked for it. */
  readonly requested: boolean;
}

type ZygoteState =
  | { readonly is: "booting" }
  | { readonly is: "loading" }
  | { readonly is: "serving" }
  /** It has reported that it cannot serve, and ends; without an error the other method has to be used. */
  | { readonly is: "unfit"; readonly error?: SnakepitError }
  | { readonly is: "timed-out"; readonly startTimeoutMs: number }
  | { readonly is: "stopping" }
  /** The process is gone; why is found out, and what it may have left is killed. */
  | { readonly is: "clearing" }
  | { readonly is: "gone"; readonly gone: ZygoteGone };

/** One zygote, from its start to its end, and the workers that it has started. */
export class ZygoteProcess {
  /** Resolves when workers can be started, or when the target requires the other method; rejects when neither will be. */
  readonly verdict: Promise<ZygoteVerdict>;
  /** Resolves when the process is gone, and with it every worker that it had started; never rejects. */
  readonly gone: Promise<ZygoteGone>;

  readonly #plan: ZygotePlan;
  readonly #listener: ZygoteListener;
  readonly #channel: ZygoteChannel;
  readonly #workers: WorkerTable;
  readonly #verdict = Promise.withResolvers<ZygoteVerdict>();
  readonly #gone = Promise.withResolvers<ZygoteGone>();
  readonly #output: ZygoteOutput;
  #unsent: WorkerStart[] = [];
  /** Events so far. */
  #events = 0;
  #state: ZygoteState = { is: "booting" };

  constructor(plan: ZygotePlan, listener: ZygoteListener) {
    this.#plan = plan;
    this.#listener = listener;
    this.verdict = this.#verdict.promise;
    this.gone = this.#gone.promise;
    // The caller of `verdict` handles a failure; no one waits any more when the pool closes.
    this.verdict.catch(() => {});
    this.#output = new ZygoteOutput((source, piece) => listener.wrote(undefined, source, piece));
    const { interpreter, cwd, boot, zygoteId } = plan;
    const env = { ...plan.env, [RUN_ID_VARIABLE]: boot.run_id, [ZYGOTE_ID_VARIABLE]: zygoteId };
    this.#channel = new ZygoteChannel(
      { interpreter: interpreter.path, cwd, env, boot },
      {
        event: (event) => this.#handle(event),
        garbage: (line) => this.#giveUp(notAnEvent(boot.pool, boot.target, line)),
        wrote: (source, piece) => this.#output.push(source, piece),
      },
    );
    this.#workers = new WorkerTable((workerId, signal) => this.#signal(workerId, signal));
    void this.#followEnd();
  }

  /** `undefined` when the operating system did not start it. */
  get pid(): number | undefined {
    return this.#channel.pid;
  }

  get isServing(): boolean {
    return this.#state.is === "serving";
  }

  /** What a start takes when something has run out. */
  get demand(): Demand {
    return { workers: this.#plan.size, running: this.#workers.runningCount };
  }

  /**
   * Starts a worker's process. Starts that are asked for in one turn of the event loop travel together.
   *
   * @throws SnakepitError `WORKER_START_FAILED` when there is no process to be had, or the program ended first.
   */
  start(workerId: string, token: string, address: string): Promise<WorkerProcess> {
    if (!this.isServing) return Promise.reject(zygoteLost("WORKER_START_FAILED", this.#about(workerId)));
    if (this.#unsent.push({ worker_id: workerId, token, address }) === 1) queueMicrotask(() => this.#sendStarts());
    return this.#workers.expect(workerId);
  }

  /** Takes a start back that the program has not answered yet: {@link start} settles, whatever state it is in. */
  cancelStart(workerId: string): void {
    if (this.#workers.isStarting(workerId)) this.#signal(workerId, "SIGKILL");
  }

  /** Ends the program: workers have `graceMs` to end by themselves, then they are killed. May be called again. */
  stop(graceMs: number): Promise<ZygoteGone> {
    switch (this.#state.is) {
      case "booting":
      case "loading":
        // It does not listen before it has imported everything, and has no workers yet.
        this.#become({ is: "stopping" });
        this.#channel.kill("SIGKILL");
        break;
      case "serving":
      case "stopping":
        this.#become({ is: "stopping" });
        this.#channel.send({ command: "stop", grace_ms: graceMs });
        later(graceMs + PATIENCE_MS, () => this.#channel.kill("SIGKILL"));
        break;
      case "unfit":
      case "timed-out":
      case "clearing":
      case "gone":
        break;
      default:
        this.#state satisfies never;
    }
    return this.gone;
  }

  /** Ends a program that has not loaded its target in time, and asks it where it was. */
  async timeOut(startTimeoutMs: number): Promise<void> {
    if (this.#state.is !== "booting" && this.#state.is !== "loading") return;
    this.#become({ is: "timed-out", startTimeoutMs });
    this.#output.expectStack();
    // Python's fault handler answers with the stack.
    this.#channel.kill("SIGABRT");
    await Promise.race([this.gone, sleep(ABORT_MS, undefined, { ref: false })]);
    this.#channel.kill("SIGKILL");
  }

  /** Kills everything at once, without waiting; for the last moment before the host exits. */
  killNow(): void {
    for (const { pid, startTime, processGroup } of this.#workers.running) {
      // It may have ended, which was not reported yet, and its number may belong to another process by now.
      if (startTimeOf(pid) === startTime) kill(-processGroup, "SIGKILL");
    }
    // It ends what has left its worker's group, and itself.
    this.#channel.kill("SIGTERM");
  }

  #handle(event: ZygoteEvent): void {
    this.#events += 1;
    switch (event.event) {
      case "booted":
        if (event.protocol !== PROTOCOL_VERSION) {
          this.#giveUp(foreignProtocol(this.#plan.interpreter, event));
          return;
        }
        if (this.#state.is === "booting") this.#become({ is: "loading" });
        this.#output.identified();
        this.#listener.booted(event);
        return;
      case "ready":
        if (this.#state.is !== "loading") return;
        this.#become({ is: "serving" });
        this.#listener.serving(event.threads, event.shared);
        return;
      case "not_fork_safe":
        this.#become({ is: "unfit" });
        return;
      case "failed":
        this.#become({ is: "unfit", error: targetNotLoaded(event) });
        return;
      case "pong":
        // Counting it above is all that is needed.
        return;
      case "started":
        this.#workers.started(event);
        return;
      case "start_failed":
        this.#workers.startFailed(event.worker_id, notStarted(event, this.demand));
        return;
      case "output":
        this.#listener.wrote(event.worker_id, "stderr", event.text);
        return;
      case "exited":
        this.#workers.exited(event);
        return;
      default:
        event satisfies never;
    }
  }

  /** The only place that changes the state; a program that is gone stays gone. */
  #become(next: ZygoteState): void {
    if (this.#state.is === "gone" || (this.#state.is === "clearing" && next.is !== "gone")) return;
    this.#state = next;
    switch (next.is) {
      case "booting":
      case "loading":
      case "timed-out":
      case "clearing":
        return;
      case "serving":
        this.#verdict.resolve("serving");
        return;
      case "unfit":
        if (next.error === undefined) this.#verdict.resolve("not-fork-safe");
        else this.#verdict.reject(next.error);
        return;
      case "stopping":
        this.#verdict.reject(poolIsClosing(this.#plan.boot.pool));
        return;
      case "gone":
        this.#gone.resolve(next.gone);
        return;
      default:
        next satisfies never;
    }
  }

  #giveUp(error: SnakepitError): void {
    this.#become({ is: "unfit", error });
    this.#channel.kill("SIGKILL");
  }

  async #followEnd(): Promise<void> {
    const end = await this.#channel.ended;
    const before = this.#state;
    this.#become({ is: "clearing" });
    const orderly = before.is === "stopping" && end.is === "exited" && end.exitCode === 0;
    const [why] = await Promise.all([this.#explain(before, end), orderly ? undefined : this.#killWhatIsLeft()]);
    this.#verdict.reject(why);
    this.#workers.allLost((workerId, was) =>
      zygoteLost(was === "running" ? "WORKER_CRASHED" : "WORKER_START_FAILED", this.#about(workerId), end),
    );
    this.#become({ is: "gone", gone: { end, requested: before.is === "stopping" } });
  }

  /** Why the program ended before it could serve. */
  async #explain(before: ZygoteState, end: ZygoteEnd): Promise<SnakepitError> {
    const { interpreter, env, cwd, boot } = this.#plan;
    const { stderrTail, stack } = this.#output;
    if (end.is === "not-started") return interpreterNotStarted(interpreter, end.error, this.demand);
    if (before.is === "timed-out") {
      return loadingTimedOut(boot.target, before.startTimeoutMs, stack, stderrTail);
    }
    if (before.is !== "booting") return diedWhileLoading(boot.target, end, stderrTail);
    return diagnoseInterpreter(interpreter, env, cwd, {
      description: describeEnd(end),
      startFailure: failureOfEnd(end),
      stderrTail,
    });
  }

  /** It ended without ending its workers; on Linux the kernel has done so, but not with what their tools started. */
  async #killWhatIsLeft(): Promise<void> {
    const { zygoteId, boot } = this.#plan;
    // Other hosts have zygotes of the same name.
    const ours = { [RUN_ID_VARIABLE]: boot.run_id, [ZYGOTE_ID_VARIABLE]: zygoteId };
    if (process.platform === "linux") await killDescendants(ours);
    else for (const worker of this.#workers.running) kill(-worker.processGroup, "SIGKILL");
  }

  #signal(workerId: string, signal: NodeJS.Signals): void {
    this.#channel.send({ command: "kill", worker_id: workerId, signal });
    if (signal !== "SIGKILL") return;
    later(PATIENCE_MS, () => {
      if (this.#workers.isStarting(workerId) || this.#workers.isRunning(workerId)) this.#expectAnswer();
    });
  }

  /**
   * A worker that does not die of SIGKILL hangs in the kernel, or its zygote does not work any more, because it was
   * stopped for example. Then the starts and ends of its workers would never be reported.
   */
  #expectAnswer(): void {
    const before = this.#events;
    this.#channel.send({ command: "ping" });
    later(PATIENCE_MS, () => {
      if (this.#events === before) this.#channel.kill("SIGKILL");
    });
  }

  #sendStarts(): void {
    const workers = this.#unsent;
    this.#unsent = [];
    this.#channel.send({ command: "start", workers });
  }

  #about(workerId: string): LostWorker {
    return { pool: this.#plan.boot.pool, workerId, stderrTail: this.#output.stderrTail };
  }
}

/** Does something after a while, unless the host has ended by then. */
function later(afterMs: number, act: () => void): void {
  setTimeout(act, afterMs).unref();
}
