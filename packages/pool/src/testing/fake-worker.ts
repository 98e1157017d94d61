import {
  type CallObserver,
  SnakepitError,
  type StopOptions,
  type ToolDescriptor,
  type WorkerCall,
  type WorkerExit,
  type WorkerHandle,
  type WorkerVitals,
} from "@snakepit/core";
import { FakeCall } from "./fake-call.ts";

export interface FakeWorkerOptions {
  readonly capacity?: number | undefined;
  readonly tools?: readonly ToolDescriptor[] | undefined;
  /** What the worker does with a call, one microtask after it got it; by default nothing, so that the test decides. */
  readonly run?: ((call: FakeCall) => void) | undefined;
  /** What it does when it is granted credit. */
  readonly granted?: ((call: FakeCall) => void) | undefined;
  /** Called with each call at the moment that the worker gets it. */
  readonly dispatched?: ((call: FakeCall, worker: FakeWorker) => void) | undefined;
  /** Whether it ignores cancels; by default it answers them in the next microtask. */
  readonly deaf?: boolean | undefined;
}

/** A worker without a process. */
export class FakeWorker implements WorkerHandle {
  readonly workerId: string;
  readonly pid: number;
  readonly capacity: number;
  readonly tools: readonly ToolDescriptor[];
  readonly exited: Promise<WorkerExit>;
  vitals: WorkerVitals | undefined;
  deaf: boolean;
  /** Calls that it holds. */
  readonly calls: FakeCall[] = [];
  /** Every call that it ever got, in order. */
  readonly received: FakeCall[] = [];
  /** Grace periods that it was stopped with. */
  readonly stops: number[] = [];
  /** Sessions whose end was reported to it. */
  readonly endedSessions: string[] = [];
  /** What was reported to it as stale: the session, and the names unless all of it is stale. */
  readonly invalidations: (readonly [string, (readonly string[])?])[] = [];
  gone = false;
  readonly #options: FakeWorkerOptions;
  #resolveExit!: (exit: WorkerExit) => void;
  #graceTimer: NodeJS.Timeout | undefined;

  constructor(workerId: string, pid: number, options: FakeWorkerOptions) {
    this.workerId = workerId;
    this.pid = pid;
    this.capacity = options.capacity ?? 1;
    this.tools = options.tools ?? TOOLS;
    this.deaf = options.deaf ?? false;
    this.#options = options;
    this.exited = new Promise((resolve) => {
      this.#resolveExit = resolve;
    });
  }

  dispatch(call: WorkerCall, observer: CallObserver): FakeCall {
    const fake: FakeCall = new FakeCall(call, observer, {
      onSettled: () => this.calls.splice(this.calls.indexOf(fake), 1),
      onCancel: () =>
        this.deaf || queueMicrotask(() => fake.fail(new SnakepitError("CANCELLED", "cancelled in the worker"))),
      onGrant: () => this.#options.granted?.(fake),
    });
    this.received.push(fake);
    this.calls.push(fake);
    this.#options.dispatched?.(fake, this);
    if (this.gone) queueMicrotask(() => fake.lose(crashed(this.workerId)));
    else if (this.#options.run !== undefined) queueMicrotask(() => this.#options.run?.(fake));
    return fake;
  }

  endSession(sessionId: string): void {
    this.endedSessions.push(sessionId);
  }

  invalidate(sessionId: string, names?: readonly string[]): void {
    this.invalidations.push(names === undefined ? [sessionId] : [sessionId, names]);
  }

  stop({ graceMs = 0 }: StopOptions = {}): Promise<WorkerExit> {
    this.stops.push(graceMs);
    if (this.calls.length === 0 || graceMs === 0) {
      this.exit({ requested: true, signal: "SIGTERM", stderrTail: "" });
    } else {
      clearTimeout(this.#graceTimer);
      this.#graceTimer = setTimeout(() => this.exit({ requested: true, signal: "SIGKILL", stderrTail: "" }), graceMs);
    }
    return this.exited;
  }

  /** The process dies, of SIGKILL by default; its calls fail as those of a real worker do. */
  crash(exit: Partial<WorkerExit> = { signal: "SIGKILL" }): void {
    if (this.gone) return;
    this.gone = true;
    for (const call of [...this.calls]) call.lose(exit.cause ?? crashed(this.workerId));
    this.#resolveExit({ requested: false, stderrTail: "", ...exit });
  }

  /** The process is gone, and no outcome of its calls is reported. */
  exit(exit: WorkerExit): void {
    if (this.gone) return;
    this.gone = true;
    clearTimeout(this.#graceTimer);
    this.#resolveExit(exit);
  }
}

export const TOOLS: readonly ToolDescriptor[] = [
  { name: "echo", description: "", parameters: [], streaming: false },
  { name: "sleep", description: "", parameters: [], streaming: false },
  { name: "count", description: "", parameters: [], streaming: true },
];

function crashed(workerId: string): SnakepitError {
  return new SnakepitError("WORKER_CRASHED", `worker "${workerId}" died`, { workerId });
}
