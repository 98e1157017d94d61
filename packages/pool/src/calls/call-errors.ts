import {
  type CallOutcome,
  nearestName,
  SnakepitError,
  type SnakepitErrorOptions,
  type ToolDescriptor,
  type WorkerExit,
} from "@snakepit/core";
import type { Call, PoolWorker } from "./call.ts";

/** How many names a message lists before it counts the others. */
const LISTED_NAMES = 20;

export function deadlineExceeded(call: Call): SnakepitError {
  const where = call.worker === undefined ? "still waiting for a worker" : "running";
  const warning = call.worker?.handle.startWarning;
  const hint = warning === undefined ? "" : `. When the pool started: ${warning}`;
  return new SnakepitError(
    "DEADLINE_EXCEEDED",
    `${theCall(call)} was ${where} when its deadline passed; allow it more time (timeoutMs) or do less in one call${hint}`,
    about(call, warning === undefined ? {} : { startWarning: warning }),
  );
}

/** The error of a call whose deadline has passed, with the place where its tool was, if the worker reported it. */
export function locatedAt(error: SnakepitError, outcome: CallOutcome): SnakepitError {
  const python = outcome.is === "failure" ? outcome.error.python : undefined;
  if (python === undefined || python.traceback === "") return error;
  return new SnakepitError(error.code, error.message, {
    ...error,
    details: { ...error.details, stack: python.traceback },
    python,
  });
}

export function idleTooLong(call: Call, idleTimeoutMs: number): SnakepitError {
  return new SnakepitError(
    "DEADLINE_EXCEEDED",
    `${theCall(call)} sent no chunk for ${idleTimeoutMs} ms; allow it longer pauses (idleTimeoutMs)`,
    about(call, { idleTimeoutMs }),
  );
}

export function queueTimeout(
  call: Call,
  queueTimeoutMs: number,
  facts: { workers: number; queued: number },
): SnakepitError {
  const { workers, queued } = facts;
  if (call.waitsFor !== undefined) {
    return new SnakepitError(
      "QUEUE_TIMEOUT",
      `${theCall(call)} waited ${queueTimeoutMs} ms for worker "${call.waitsFor.handle.workerId}", which its session "${call.sessionId}" keeps to; allow it to wait longer (queueTimeoutMs), or let the session use other workers (affinity)`,
      about(call, { queueTimeoutMs, ...facts, waitedFor: call.waitsFor.handle.workerId }),
    );
  }
  return new SnakepitError(
    "QUEUE_TIMEOUT",
    `${theCall(call)} found no free worker within ${queueTimeoutMs} ms: the pool has ${workers} ready, and ${queued} calls wait; allow it to wait longer (queueTimeoutMs) or give the pool more workers (size)`,
    about(call, { queueTimeoutMs, ...facts }),
  );
}

export function saturated(call: Call, queueLimit: number): SnakepitError {
  return new SnakepitError(
    "POOL_SATURATED",
    `${theCall(call)} was refused: ${queueLimit} calls are waiting already; make many calls with pit.map("${call.tool}", items), which waits for room, or give the pool more workers (size) or a longer queue (queueLimit)`,
    about(call, { queueLimit }),
  );
}

/** Its session is to stay with a worker that is busy. */
export function sessionWorkerBusy(call: Call, worker: PoolWorker): SnakepitError {
  const { workerId } = worker.handle;
  return new SnakepitError(
    "SESSION_WORKER_UNAVAILABLE",
    `${theCall(call)} was refused: worker "${workerId}", which its session "${call.sessionId}" keeps to, is busy; try again, or let the session wait or use other workers (affinity)`,
    { ...about(call, { sessionId: call.sessionId }), workerId },
  );
}

export function cancelled(call: Call): SnakepitError {
  return new SnakepitError("CANCELLED", `${theCall(call)} was cancelled by its AbortSignal`, {
    ...about(call),
    cause: call.signal?.reason,
  });
}

export function shuttingDown(call: Call): SnakepitError {
  return new SnakepitError(
    "SHUTTING_DOWN",
    `${theCall(call)} was ended because the pool is closing; make no calls after close(), or allow more time (shutdownGraceMs)`,
    about(call),
  );
}

export function notStarted(call: Call): SnakepitError {
  return new SnakepitError(
    "POOL_NOT_READY",
    `${theCall(call)} was refused: the pool is not started; call start()`,
    about(call),
  );
}

export function notReady(call: Call, cause: SnakepitError): SnakepitError {
  return new SnakepitError(
    "POOL_NOT_READY",
    `${theCall(call)} was refused: the pool has no worker and cannot start one: ${cause.message}`,
    { ...about(call), cause },
  );
}

export function unknownTool(call: Call, names: readonly string[]): SnakepitError {
  const nearest = nearestName(call.tool, names);
  const listed = [...names].sort().slice(0, LISTED_NAMES);
  const more = names.length - listed.length;
  const list = `${listed.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return new SnakepitError(
    "UNKNOWN_TOOL",
    `pool "${call.pool}" has no tool "${call.tool}"${nearest === undefined ? "." : `; did you mean "${nearest}"?`} Its tools: ${list || "none"}`,
    about(call, { tool: call.tool, available: [...names] }),
  );
}

export function wrongMethod(call: Call, tool: ToolDescriptor): SnakepitError {
  const [kind, method, form] = tool.streaming
    ? ["yields chunks", "stream", `for await (const chunk of pit.stream("${call.tool}", { … }))`]
    : ["returns one value", "execute", `await pit.execute("${call.tool}", { … })`];
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `tool "${call.tool}" of pool "${call.pool}" ${kind}: call it with ${method}(), as in ${form}`,
    about(call, { tool: call.tool, streaming: tool.streaming }),
  );
}

/** The worker was killed while it had the call, because of another one. */
export function killedWith(call: Call, culprit: Call, cancelGraceMs: number): SnakepitError {
  return new SnakepitError(
    "WORKER_CRASHED",
    `${theCall(call)} was lost: its worker was killed because tool "${culprit.tool}" did not stop within ${cancelGraceMs} ms of being cancelled (cancelGraceMs)`,
    about(call, { killedFor: culprit.correlationId }),
  );
}

/** The worker was recycled and the call did not end in time. */
export function recycledWith(call: Call): SnakepitError {
  return new SnakepitError(
    "WORKER_CRASHED",
    `${theCall(call)} was lost: its worker was recycled, and it did not end within the time that it was given; allow more (graceMs)`,
    about(call, { recycled: true }),
  );
}

/** The worker is gone and has reported no outcome of the call. */
export function crashedWith(call: Call, crash: SnakepitError): SnakepitError {
  return new SnakepitError(crash.code, `${theCall(call)} was lost: ${crash.message}`, {
    ...about(call, crash.details),
    cause: crash,
  });
}

/** A worker that ended without being asked to. */
export function workerCrashed(pool: string, worker: PoolWorker, exit: WorkerExit): SnakepitError {
  const { exitCode, signal, stderrTail, cause } = exit;
  const { workerId, pid } = worker.handle;
  const how =
    cause !== undefined
      ? cause.message
      : signal !== undefined
        ? `it was ended by ${signal}`
        : exitCode !== undefined
          ? `it exited with status ${exitCode}`
          : "it is gone";
  const lastLines = stderrTail.trim() === "" ? "" : `; its last lines on stderr:\n${stderrTail.trimEnd()}`;
  return new SnakepitError(
    cause?.code ?? "WORKER_CRASHED",
    `worker "${workerId}" (pid ${pid}) died: ${how}${lastLines}`,
    {
      cause,
      pool,
      workerId,
      details: { ...cause?.details, pid, exitCode, signal, stderrTail },
    },
  );
}

function theCall(call: Call): string {
  return `call of tool "${call.tool}" in pool "${call.pool}"`;
}

function about(call: Call, details: Readonly<Record<string, unknown>> = {}): SnakepitErrorOptions {
  const workerId = call.worker?.handle.workerId;
  return { pool: call.pool, callId: call.correlationId, details, ...(workerId !== undefined && { workerId }) };
}

/** Where an error belongs; what the error itself specifies takes precedence. */
interface Origin {
  readonly pool: string;
  readonly workerId?: string | undefined;
  readonly callId?: string | undefined;
}

/**
 * Returns a copy of an error with the pool, worker and call that it concerns. Each caller gets its own copy, since several
 * may fail for one reason and the stack of each shows its own code.
 */
export function withOrigin(error: SnakepitError, origin: Origin): SnakepitError {
  const workerId = error.workerId ?? origin.workerId;
  const callId = error.callId ?? origin.callId;
  return new SnakepitError(error.code, error.message, {
    cause: error.cause,
    details: error.details,
    retryable: error.retryable,
    pool: error.pool ?? origin.pool,
    ...(error.python !== undefined && { python: error.python }),
    ...(workerId !== undefined && { workerId }),
    ...(error.startFailure !== undefined && { startFailure: error.startFailure }),
    ...(callId !== undefined && { callId }),
  });
}
