import { type CallTrace, type Instrumentation, noInstrumentation, type QueueReason } from "@snakepit/core";
import type { Call, PoolWorker } from "../calls/call.ts";
import { CallReport, StreamReport } from "../calls/call-report.ts";

/** Emits the events of the calls of a pool. Events without a listener cost one or a few reads of a property. */
export class PoolEvents {
  /** `undefined` if nothing receives events, to avoid the cost per call. */
  readonly instrumentation: Instrumentation | undefined;
  readonly #pool: string;

  constructor(pool: string, instrumentation: Instrumentation) {
    this.#pool = pool;
    this.instrumentation = instrumentation === noInstrumentation ? undefined : instrumentation;
  }

  /** Reports the start of a call. Returns what receives its further events; `undefined` if nothing does. */
  started(call: Call, now: number): CallTrace | undefined {
    const { instrumentation } = this;
    if (instrumentation === undefined) return undefined;
    const trace = instrumentation.startCall(call);
    const { listens } = instrumentation;
    if (listens === undefined) return trace;
    if (call.streaming && (listens["stream.started"] || listens["stream.ended"])) {
      return new StreamReport(call, now, instrumentation, trace);
    }
    if (listens["call.started"] || listens["call.dispatched"] || listens["call.ended"]) {
      return new CallReport(call, now, instrumentation, trace);
    }
    return trace;
  }

  /** Reports a call that waits. A call that was sent ahead to a worker does not. */
  queued(call: Call, queued: number): void {
    if (this.instrumentation?.listens?.["queue.entered"] !== true || call.state.is === "ahead") return;
    const { pool, tool, correlationId, sessionId } = call;
    this.instrumentation.emit("queue.entered", {
      pool,
      tool,
      correlationId,
      sessionId,
      reason: reasonOf(call),
      queued,
    });
  }

  /** Reports a call that has waited too long. */
  timedOut(call: Call, timeoutMs: number, queued: number, workers: number): void {
    if (this.instrumentation?.listens?.["queue.timeout"] !== true) return;
    const { pool, tool, correlationId, sessionId } = call;
    this.instrumentation.emit("queue.timeout", { pool, tool, correlationId, sessionId, timeoutMs, queued, workers });
  }

  /** Reports a worker that has received a call, if it can take no further one. */
  occupied({ handle, load }: PoolWorker): void {
    const { workerId, capacity } = handle;
    if (capacity === 1 || load < capacity || this.instrumentation?.listens?.["worker.full"] !== true) return;
    this.instrumentation.emit("worker.full", { pool: this.#pool, workerId, capacity });
  }

  /** Reports that a session has another worker. */
  assigned(sessionId: string, worker: PoolWorker, previous: PoolWorker | undefined): void {
    if (this.instrumentation?.listens?.["session.assigned"] !== true) return;
    this.instrumentation.emit("session.assigned", {
      sessionId,
      pool: this.#pool,
      workerId: worker.handle.workerId,
      previousWorkerId: previous?.handle.workerId,
    });
  }
}

function reasonOf({ state, waitsFor }: Call): QueueReason {
  if (state.is === "throttled") return "tool-limit";
  if (state.is === "outside") return "batch";
  return waitsFor === undefined ? "workers-busy" : "session-worker-busy";
}
