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
  /** Handles a call one microtask after its dispatch. Default: none; the test ends the call. */
  readonly run?: ((call: FakeCall) => void) | undefined;
  /** Called when credit is granted. */
  readonly granted?: ((call: FakeCall) => void) | undefined;
  /** Called with each call at its dispatch. */
  readonly dispatched?: ((call: FakeCall, worker: FakeWorker) => void) | undefined;
  /** Whether it ignores cancellations. Default: it answers them in the next microtask. */
  readonly ignoresCancel?: boolean | undefined;
  /** The number of calls that can be sent ahead. Default: 0. */
  readonly maxAhead?: number | undefined;
  /** The tool for health checks. Default: none. */
  readonly checkTool?: string | undefined;
  /** Whether the test starts the calls that were sent ahead. Default: the worker does, when it has answered. */
  readonly startsByHand?: boolean | undefined;
}

/** A worker without a process. */
export class FakeWorker implements WorkerHandle {
  readonly workerId: string;
  readonly pid: number;
  readonly capacity: number;
  readonly maxAhead: number;
  readonly tools: readonly ToolDescriptor[];
  readonly checkTool: string | undefined;
  readonly exited: Promise<WorkerExit>;
  vitals: WorkerVitals | undefined;
  ignoresCancel: boolean;
  /** Active calls. */
  readonly calls: FakeCall[] = [];
  /** Calls that were sent ahead and have not started. */
  readonly ahead: FakeCall[] = [];
  /** Every call that it received, in order. */
  readonly received: FakeCall[] = [];
  /** The grace periods of its stops. */
  readonly stops: number[] = [];
  /** Sessions whose end was reported to it. */
  readonly endedSessions: string[] = [];
  /** The reports of stale variables: the session, and the names unless all are stale. */
  readonly invalidations: (readonly [string, (readonly string[])?])[] = [];
  gone = false;
  readonly #options: FakeWorkerOptions;
  #resolveExit!: (exit: WorkerExit) => void;
  #graceTimer: NodeJS.Timeout | undefined;

  constructor(workerId: string, pid: number, options: FakeWorkerOptions) {
    this.workerId = workerId;
    this.pid = pid;
    this.capacity = options.capacity ?? 1;
    this.maxAhead = options.maxAhead ?? 0;
    this.tools = options.tools ?? TOOLS;
    this.checkTool = options.checkTool;
    this.ignoresCancel = options.ignoresCancel ?? false;
    this.#options = options;
    this.exited = new Promise((resolve) => {
      this.#resolveExit = resolve;
    });
  }

  dispatch(call: WorkerCall, observer: CallObserver): FakeCall {
    const fake = this.#receive(call, observer, true);
    if (this.gone) queueMicrotask(() => fake.lose(crashed(this.workerId)));
    else this.#begin(fake);
    return fake;
  }

  sendAhead(call: WorkerCall, observer: CallObserver): FakeCall {
    const fake = this.#receive(call, observer, false);
    this.ahead.push(fake);
    if (this.gone) queueMicrotask(() => fake.loseUnstarted(crashed(this.workerId)));
    return fake;
  }

  /** Starts the next call ahead if the worker has capacity. */
  startAhead(): void {
    if (this.gone || this.calls.length >= this.capacity) return;
    const next = this.ahead.shift();
    if (next === undefined) return;
    next.started = true;
    this.#begin(next);
  }

  /** The worker has finished a call, and continues with the next one, before its answer arrives. */
  finishUnseen(call: FakeCall): void {
    remove(this.calls, call);
    if (this.#options.startsByHand !== true) this.startAhead();
  }

  #receive(call: WorkerCall, observer: CallObserver, started: boolean): FakeCall {
    const fake: FakeCall = new FakeCall(call, observer, started, {
      onSettled: () => {
        remove(this.ahead, fake);
        this.finishUnseen(fake);
      },
      onCancel: () => {
        // The answer of a finished call is on its way.
        if (this.ignoresCancel || !this.calls.includes(fake)) return;
        queueMicrotask(() => fake.fail(new SnakepitError("CANCELLED", "cancelled in the worker")));
      },
      onGrant: () => this.#options.granted?.(fake),
      onRecall: () => remove(this.ahead, fake),
    });
    this.received.push(fake);
    return fake;
  }

  #begin(fake: FakeCall): void {
    this.calls.push(fake);
    this.#options.dispatched?.(fake, this);
    if (this.#options.run !== undefined) queueMicrotask(() => this.#options.run?.(fake));
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

  /** Simulates a crash, by default from SIGKILL; its calls fail like those of a real worker. */
  crash(how: Partial<WorkerExit> = { signal: "SIGKILL" }): void {
    if (this.gone) return;
    this.gone = true;
    const exit = { requested: false, stderrTail: "", ...how };
    for (const call of [...this.calls]) call.lose(exit.cause ?? crashed(this.workerId), exit);
    for (const call of [...this.ahead]) call.loseUnstarted(exit.cause ?? crashed(this.workerId));
    this.#resolveExit(exit);
  }

  /** Simulates an exit without outcomes of its calls. */
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

function remove(calls: FakeCall[], call: FakeCall): void {
  const index = calls.indexOf(call);
  if (index !== -1) calls.splice(index, 1);
}

function crashed(workerId: string): SnakepitError {
  return new SnakepitError("WORKER_CRASHED", `worker "${workerId}" died`, { workerId });
}
