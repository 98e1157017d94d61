import { type Instrumentation, noInstrumentation, type QueueReason } from "@snakepit/core";
import type { Call, PoolWorker } from "../calls/call.ts";

/** Emits the events of queues, loads and sessions. An event without a listener costs a read of a property. */
export class PoolEvents {
  /** `undefined` if nothing receives events, to avoid the cost per call. */
  readonly instrumentation: Instrumentation | undefined;
  readonly #pool: string;

  constructor(pool: string, instrumentation: Instrumentation) {
    this.#pool = pool;
    this.instrumentation = instrumentation === noInstrumentation ? undefined : instrumentation;
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

  /** Reports a worker that can take no further call. */
  full({ handle }: PoolWorker): void {
    if (this.instrumentation?.listens?.["worker.full"] !== true) return;
    const { workerId, capacity } = handle;
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
