import { PROTOCOL_VERSION } from "@snakepit/bridge-proto/values";
import { limitReached, type SnakepitError, TimeLimit } from "@snakepit/core";
import { diagnoseInterpreter, interpreterNotStarted } from "../interpreter/diagnose-interpreter.ts";
import type { Interpreter } from "../interpreter/interpreter.ts";
import type { Demand } from "../system-shortage.ts";
import { kill, killDescendants } from "./kill-processes.ts";
import { ZygoteOutput } from "./process-output.ts";
import { RUN_ID_VARIABLE, startTimeOf, ZYGOTE_ID_VARIABLE } from "./process-table.ts";
import {
  describeEnd,
  diedWhileLoading,
  failureOfEnd,
  type LostWorker,
  loadingTimedOut,
  notAnEvent,
  notStarted,
  poolIsClosing,
  protocolMismatch,
  targetNotLoaded,
  zygoteLost,
} from "./start-errors.ts";
import type { Environment } from "./worker-environment.ts";
import type { WorkerProcess } from "./worker-process.ts";
import { WorkerTable } from "./worker-table.ts";
import { ZygoteChannel, type ZygoteEnd } from "./zygote-channel.ts";
import type { BootedEvent, ReadyEvent, WorkerStart, ZygoteBoot, ZygoteEvent } from "./zygote-protocol.ts";

/** Milliseconds that a zygote has to write its stack after SIGABRT. */
const ABORT_MS = 3_000;
/** Milliseconds that a zygote may take to execute a command or to answer a ping. */
const COMMAND_TIMEOUT_MS = 5_000;

/** How a zygote is started. */
export interface ZygoteOptions {
  readonly zygoteId: string;
  readonly interpreter: Interpreter;
  readonly cwd: string;
  readonly env: Environment;
  /** The size of the pool, in workers. */
  readonly size: number;
  readonly boot: ZygoteBoot;
}

/** Is notified of the state and the output of a zygote. */
export interface ZygoteListener {
  /** The process runs and has identified itself. */
  onBooted(facts: BootedEvent): void;
  /**
   * The zygote can start workers. With more than one thread, a forked worker may deadlock on a lock that another thread
   * held during the fork.
   */
  onServing(facts: ReadyEvent): void;
  /** A worker wrote to its file descriptor 1 or 2; if `workerId` is `undefined`, the zygote did. */
  onOutput(workerId: string | undefined, source: "stdout" | "stderr", piece: string): void;
}

/** Whether a zygote can start workers, or its target requires the start method `spawn`. */
export type ZygoteReadiness = "serving" | "not-fork-safe";

/** How a zygote ended, and whether the host expected it: it requested the end, or the zygote could start no workers. */
export interface ZygoteExit {
  readonly end: ZygoteEnd;
  readonly requested: boolean;
}

type ZygoteState =
  | { readonly is: "booting" }
  | { readonly is: "loading" }
  | { readonly is: "serving" }
  /** The zygote cannot start workers and is ending; without an error, the target requires the start method `spawn`. */
  | { readonly is: "unusable"; readonly error?: SnakepitError }
  | { readonly is: "timed-out"; readonly startTimeoutMs: number }
  | { readonly is: "stopping" }
  /** The process has ended. The reason is determined, and remaining descendants are killed. */
  | { readonly is: "cleaning-up" }
  | { readonly is: "exited"; readonly exit: ZygoteExit };

/** One zygote and the workers that it has started. */
export class ZygoteProcess {
  /** Resolves when the zygote can start workers or requires `spawn`; rejects if the zygote cannot be used. */
  readonly ready: Promise<ZygoteReadiness>;
  /** Resolves when the zygote and all workers that it started have ended; never rejects. */
  readonly exited: Promise<ZygoteExit>;

  readonly #options: ZygoteOptions;
  readonly #listener: ZygoteListener;
  readonly #channel: ZygoteChannel;
  readonly #workers: WorkerTable;
  readonly #ready = Promise.withResolvers<ZygoteReadiness>();
  readonly #exited = Promise.withResolvers<ZygoteExit>();
  readonly #output: ZygoteOutput;
  #unsent: WorkerStart[] = [];
  /** Number of events received. */
  #eventCount = 0;
  #state: ZygoteState = { is: "booting" };

  constructor(options: ZygoteOptions, listener: ZygoteListener) {
    this.#options = options;
    this.#listener = listener;
    this.ready = this.#ready.promise;
    this.exited = this.#exited.promise;
    // Users of `ready` handle a rejection. When the pool closes, there may be none.
    this.ready.catch(() => {});
    this.#output = new ZygoteOutput((source, piece) => listener.onOutput(undefined, source, piece));
    const { interpreter, cwd, boot, zygoteId } = options;
    const env = { ...options.env, [RUN_ID_VARIABLE]: boot.run_id, [ZYGOTE_ID_VARIABLE]: zygoteId };
    this.#channel = new ZygoteChannel(
      { interpreter: interpreter.path, cwd, env, boot },
      {
        onEvent: (event) => this.#handle(event),
        onInvalidLine: (line) => this.#fail(notAnEvent(boot.pool, boot.target, line)),
        onOutput: (source, piece) => this.#output.push(source, piece),
      },
    );
    this.#workers = new WorkerTable({
      signal: (workerId, signal) => this.#signal(workerId, signal),
      readStacks: (workerId) => this.#channel.send({ command: "read_stacks", worker_id: workerId }),
    });
    void this.#handleExit();
  }

  /** The process ID; `undefined` if the operating system did not start the process. */
  get pid(): number | undefined {
    return this.#channel.pid;
  }

  get isServing(): boolean {
    return this.#state.is === "serving";
  }

  /** A worker is connected to its host. */
  connected(workerId: string): void {
    this.#workers.connected(workerId);
  }

  /** The number of workers, for errors about an exhausted resource. */
  get demand(): Demand {
    return { workers: this.#options.size, connected: this.#workers.connectedCount };
  }

  /**
   * Starts the process of a worker. All starts of one turn of the event loop are sent as one command.
   *
   * @throws SnakepitError `WORKER_START_FAILED` if the system rejects a process, or the zygote ends first.
   */
  start(workerId: string, token: string, address: string): Promise<WorkerProcess> {
    if (!this.isServing) return Promise.reject(zygoteLost("WORKER_START_FAILED", this.#lostWorker(workerId)));
    if (this.#unsent.push({ worker_id: workerId, token, address }) === 1) queueMicrotask(() => this.#sendStarts());
    return this.#workers.expect(workerId);
  }

  /**
   * Cancels a start that the zygote has not answered yet: {@link start} then settles even if the zygote does not
   * respond.
   */
  cancelStart(workerId: string): void {
    if (this.#workers.isStarting(workerId)) this.#signal(workerId, "SIGKILL");
  }

  /** Ends the zygote when its last worker has ended. No worker may be started afterwards. */
  retire(): void {
    this.#workers.onceEmpty(() => void this.stop(0));
  }

  /** Ends the zygote. Its workers are killed after `graceMs` milliseconds. Can be called repeatedly. */
  stop(graceMs: number): Promise<ZygoteExit> {
    switch (this.#state.is) {
      case "booting":
      case "loading":
        // The zygote reads no commands before the import has finished, and has no workers yet.
        this.#become({ is: "stopping" });
        this.#channel.kill("SIGKILL");
        break;
      case "serving":
      case "stopping":
        this.#become({ is: "stopping" });
        this.#channel.send({ command: "stop", grace_ms: graceMs });
        schedule(graceMs + COMMAND_TIMEOUT_MS, () => this.#channel.kill("SIGKILL"));
        break;
      case "unusable":
      case "timed-out":
      case "cleaning-up":
      case "exited":
        break;
      default:
        this.#state satisfies never;
    }
    return this.exited;
  }

  /** Ends a zygote that has not imported its target in time. The zygote first writes its stack. */
  async timeOut(startTimeoutMs: number): Promise<void> {
    if (this.#state.is !== "booting" && this.#state.is !== "loading") return;
    this.#become({ is: "timed-out", startTimeoutMs });
    this.#output.expectStack();
    // Python's fault handler writes the stack on this signal.
    this.#channel.kill("SIGABRT");
    await Promise.race([this.exited, limitReached(ABORT_MS)]);
    this.#channel.kill("SIGKILL");
  }

  /** Kills the zygote and its workers without waiting; called when the host exits. */
  killNow(): void {
    for (const { pid, startTime, processGroup } of this.#workers.running) {
      // The worker may have ended without a report yet, and its PID may have been reused.
      if (startTimeOf(pid) === startTime) kill(-processGroup, "SIGKILL");
    }
    // The zygote kills the processes that have left the group of their worker, and then ends.
    this.#channel.kill("SIGTERM");
  }

  #handle(event: ZygoteEvent): void {
    this.#eventCount += 1;
    switch (event.event) {
      case "booted":
        if (event.protocol !== PROTOCOL_VERSION) {
          this.#fail(protocolMismatch(this.#options.interpreter, event));
          return;
        }
        if (this.#state.is === "booting") this.#become({ is: "loading" });
        this.#output.identified();
        this.#listener.onBooted(event);
        return;
      case "ready":
        if (this.#state.is !== "loading") return;
        this.#become({ is: "serving" });
        this.#listener.onServing(event);
        return;
      case "not_fork_safe":
        this.#become({ is: "unusable" });
        return;
      case "failed":
        this.#become({ is: "unusable", error: targetNotLoaded(event) });
        return;
      case "pong":
        // The event count above is all that #checkResponse needs.
        return;
      case "started":
        this.#workers.started(event);
        return;
      case "start_failed":
        this.#workers.startFailed(event.worker_id, notStarted(event, this.demand));
        return;
      case "output": {
        const output = this.#workers.wrote(event.worker_id, event.text);
        if (output !== "") this.#listener.onOutput(event.worker_id, "stderr", output);
        return;
      }
      case "stacks_unavailable":
        this.#workers.stacksUnavailable(event.worker_id);
        return;
      case "exited":
        this.#workers.exited(event);
        return;
      default:
        event satisfies never;
    }
  }

  /** The only method that changes the state. `exited` is final. */
  #become(next: ZygoteState): void {
    if (this.#state.is === "exited" || (this.#state.is === "cleaning-up" && next.is !== "exited")) return;
    this.#state = next;
    switch (next.is) {
      case "booting":
      case "loading":
      case "timed-out":
      case "cleaning-up":
        return;
      case "serving":
        this.#ready.resolve("serving");
        return;
      case "unusable":
        if (next.error === undefined) this.#ready.resolve("not-fork-safe");
        else this.#ready.reject(next.error);
        return;
      case "stopping":
        this.#ready.reject(poolIsClosing(this.#options.boot.pool));
        return;
      case "exited":
        this.#exited.resolve(next.exit);
        return;
      default:
        next satisfies never;
    }
  }

  #fail(error: SnakepitError): void {
    this.#become({ is: "unusable", error });
    this.#channel.kill("SIGKILL");
  }

  async #handleExit(): Promise<void> {
    const end = await this.#channel.ended;
    const before = this.#state;
    this.#become({ is: "cleaning-up" });
    const orderly = before.is === "stopping" && end.is === "exited" && end.exitCode === 0;
    const [error] = await Promise.all([this.#startError(before, end), orderly ? undefined : this.#killRemaining()]);
    this.#ready.reject(error);
    this.#workers.allLost((workerId, was) =>
      zygoteLost(was === "running" ? "WORKER_CRASHED" : "WORKER_START_FAILED", this.#lostWorker(workerId), end),
    );
    // An unusable zygote has reported why, and ends itself.
    const requested = before.is === "stopping" || before.is === "unusable";
    this.#become({ is: "exited", exit: { end, requested } });
  }

  /** Resolves with the reason why the zygote ended before it could start workers. */
  async #startError(before: ZygoteState, end: ZygoteEnd): Promise<SnakepitError> {
    const { interpreter, env, cwd, boot } = this.#options;
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

  /**
   * Kills the remaining descendants. On Linux the kernel has killed the workers, but not the processes of their tools.
   */
  async #killRemaining(): Promise<void> {
    const { zygoteId, boot } = this.#options;
    // Zygotes of other hosts may have the same ID.
    const ours = { [RUN_ID_VARIABLE]: boot.run_id, [ZYGOTE_ID_VARIABLE]: zygoteId };
    if (process.platform === "linux") await killDescendants(ours);
    else for (const worker of this.#workers.running) kill(-worker.processGroup, "SIGKILL");
  }

  #signal(workerId: string, signal: NodeJS.Signals): void {
    this.#channel.send({ command: "kill", worker_id: workerId, signal });
    if (signal !== "SIGKILL") return;
    schedule(COMMAND_TIMEOUT_MS, () => {
      if (this.#workers.isStarting(workerId) || this.#workers.isRunning(workerId)) this.#checkResponse();
    });
  }

  /**
   * Kills the zygote if it does not respond. A worker that does not end on SIGKILL either hangs in the kernel, or its
   * zygote does not respond, for example because it received SIGSTOP, and will never report that the worker has ended.
   */
  #checkResponse(): void {
    const before = this.#eventCount;
    this.#channel.send({ command: "ping" });
    schedule(COMMAND_TIMEOUT_MS, () => {
      if (this.#eventCount === before) this.#channel.kill("SIGKILL");
    });
  }

  #sendStarts(): void {
    const workers = this.#unsent;
    this.#unsent = [];
    this.#channel.send({ command: "start", workers });
  }

  #lostWorker(workerId: string): LostWorker {
    return { pool: this.#options.boot.pool, workerId, stderrTail: this.#output.stderrTail };
  }
}

/** Calls a function when a time limit is reached. The timer does not keep the host running. */
function schedule(limitMs: number, callback: () => void): void {
  new TimeLimit(limitMs, callback).unref();
}
