import {
  type CallInfo,
  type CallOutcome,
  describeValue,
  nearestName,
  SnakepitError,
  type SnakepitErrorOptions,
  type ToolDescriptor,
  type WorkerExit,
  type WorkerHandle,
} from "@snakepit/core";
import type { CallState } from "./call-state.ts";

/** The facts about a call that its errors mention. */
export interface CallFacts extends CallInfo {
  /** The worker that the call is or was assigned to. */
  readonly worker: WorkerFacts | undefined;
  /** The only worker that may take the call; `undefined` for any worker. */
  readonly waitsFor: WorkerFacts | undefined;
  readonly state: CallState;
  /** The limit of the call's tool; `undefined` without one. */
  readonly gate: { readonly limit: number } | undefined;
  /** The caller's signal, whose reason becomes the cause of `CANCELLED`. */
  readonly signal: AbortSignal | undefined;
}

/** The facts about a worker that errors mention. */
export interface WorkerFacts {
  readonly handle: WorkerHandle;
}

/** The number of names that a message lists; of the rest, it states the count. */
const LISTED_NAMES = 20;

export function deadlineExceeded(call: CallFacts): SnakepitError {
  const where = call.worker === undefined ? "still waiting for a worker" : "running";
  const warning = call.worker?.handle.startWarning;
  const hint = warning === undefined ? "" : `; warning at the start of the pool: ${warning}`;
  return new SnakepitError(
    "DEADLINE_EXCEEDED",
    `${callLabel(call)} was ${where} when its deadline passed; increase timeoutMs or do less work per call${hint}`,
    about(call, warning === undefined ? {} : { startWarning: warning }),
  );
}

/** Returns the error of a call whose deadline has passed, with the stack of its tool if the worker reported it. */
export function locatedAt(error: SnakepitError, outcome: CallOutcome): SnakepitError {
  const python = outcome.is === "failure" ? outcome.error.python : undefined;
  if (python === undefined || python.traceback === "") return error;
  return new SnakepitError(error.code, error.message, {
    ...error,
    details: { ...error.details, stack: python.traceback },
    python,
  });
}

/**
 * Returns the error of a failed call. After its deadline this is `DEADLINE_EXCEEDED`: the failure of the tool, for
 * example of a nested call with the same deadline, is a consequence that arrived before the timer fired.
 */
export function explanation(
  call: { overdue(now: number): SnakepitError | undefined },
  outcome: CallOutcome & { readonly error: SnakepitError },
): SnakepitError {
  return (outcome.is === "failure" ? call.overdue(performance.now()) : undefined) ?? outcome.error;
}

export function idleTooLong(call: CallFacts, idleTimeoutMs: number): SnakepitError {
  return new SnakepitError(
    "DEADLINE_EXCEEDED",
    `${callLabel(call)} sent no chunk for ${idleTimeoutMs} ms; increase idleTimeoutMs`,
    about(call, { idleTimeoutMs }),
  );
}

export function queueTimeout(
  call: CallFacts,
  queueTimeoutMs: number,
  facts: { workers: number; queued: number },
): SnakepitError {
  const { workers, queued } = facts;
  if (call.state.is === "throttled") {
    const limit = call.gate?.limit;
    const running = limit === 1 ? "another call of its tool was" : `${limit} calls of its tool were`;
    return new SnakepitError(
      "QUEUE_TIMEOUT",
      `${callLabel(call)} waited ${queueTimeoutMs} ms because ${running} running (maxConcurrent); increase maxConcurrent or queueTimeoutMs`,
      about(call, { queueTimeoutMs, ...facts, maxConcurrent: limit }),
    );
  }
  if (call.waitsFor !== undefined) {
    return new SnakepitError(
      "QUEUE_TIMEOUT",
      `${callLabel(call)} waited ${queueTimeoutMs} ms for worker "${call.waitsFor.handle.workerId}", which its session "${call.sessionId}" is bound to; increase queueTimeoutMs, or let the session use other workers (affinity)`,
      about(call, { queueTimeoutMs, ...facts, waitedFor: call.waitsFor.handle.workerId }),
    );
  }
  return new SnakepitError(
    "QUEUE_TIMEOUT",
    `${callLabel(call)} found no free worker within ${queueTimeoutMs} ms (ready workers: ${workers}, queued calls: ${queued}); increase queueTimeoutMs, or the number of workers (size)`,
    about(call, { queueTimeoutMs, ...facts }),
  );
}

export function saturated(call: CallFacts, queueLimit: number): SnakepitError {
  return new SnakepitError(
    "POOL_SATURATED",
    `${callLabel(call)} was rejected: the queue is full with ${queueLimit} calls; use pit.map("${call.tool}", items), which waits for room, or increase the number of workers (size) or queueLimit`,
    about(call, { queueLimit }),
  );
}

/** The session of the call is bound to a worker that is busy. */
export function sessionWorkerBusy(call: CallFacts, worker: WorkerFacts): SnakepitError {
  const { workerId } = worker.handle;
  return new SnakepitError(
    "SESSION_WORKER_UNAVAILABLE",
    `${callLabel(call)} was rejected: worker "${workerId}", which its session "${call.sessionId}" is bound to, is busy; retry, or let the session wait or use other workers (affinity)`,
    { ...about(call, { sessionId: call.sessionId }), workerId },
  );
}

export function cancelled(call: CallFacts): SnakepitError {
  return new SnakepitError("CANCELLED", `${callLabel(call)} was cancelled by its AbortSignal`, {
    ...about(call),
    cause: call.signal?.reason,
  });
}

/** The call has not begun when the pool closes. */
export function shuttingDown(call: CallFacts): SnakepitError {
  const message = `${callLabel(call)} was rejected because the pool is closing; call close() after its calls have ended`;
  return new SnakepitError("SHUTTING_DOWN", message, about(call));
}

/** The call is active when the grace period of `close()` ends. */
export function cutByClosing(call: CallFacts): SnakepitError {
  const remedy = "call close() after its calls have ended, or increase shutdownGraceMs";
  const message = `${callLabel(call)} did not end in the grace period of close(); ${remedy}`;
  return new SnakepitError("SHUTTING_DOWN", message, about(call));
}

export function notStarted(call: CallFacts): SnakepitError {
  return new SnakepitError(
    "POOL_NOT_READY",
    `${callLabel(call)} was rejected: the pool is not started; call start()`,
    about(call),
  );
}

export function notReady(call: CallFacts, cause: SnakepitError): SnakepitError {
  return new SnakepitError(
    "POOL_NOT_READY",
    `${callLabel(call)} was rejected: the pool has no worker and cannot start one: ${cause.message}`,
    { ...about(call), cause },
  );
}

export function unknownTool(call: CallFacts, names: readonly string[]): SnakepitError {
  const nearest = nearestName(call.tool, names);
  const listed = [...names].sort().slice(0, LISTED_NAMES);
  const more = names.length - listed.length;
  const list = `${listed.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return new SnakepitError(
    "UNKNOWN_TOOL",
    `pool "${call.pool}" has no tool ${describeValue(call.tool)}${nearest === undefined ? ";" : `; did you mean "${nearest}"?`} available tools: ${list || "none"}`,
    about(call, { tool: call.tool, available: [...names] }),
  );
}

export function wrongMethod(call: CallFacts, tool: ToolDescriptor): SnakepitError {
  const [kind, method, form] = tool.streaming
    ? ["yields chunks", "stream", `for await (const chunk of pit.stream("${call.tool}", { … }))`]
    : ["returns one value", "execute", `await pit.execute("${call.tool}", { … })`];
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `tool "${call.tool}" of pool "${call.pool}" ${kind}; call it with ${method}(), as in ${form}`,
    about(call, { tool: call.tool, streaming: tool.streaming }),
  );
}

/** The worker was killed because of another call. It had started this one, which was sent ahead. */
export function killedWith(call: CallFacts, cancelGraceMs: number): SnakepitError {
  return new SnakepitError(
    "WORKER_CRASHED",
    `${callLabel(call)} was lost: its worker was killed because an earlier call did not stop within ${cancelGraceMs} ms of being cancelled (cancelGraceMs)`,
    about(call),
  );
}

/**
 * The worker was recycled, drained or removed, and the call did not end within the grace period.
 *
 * @param stuck a cancelled call of the worker that did not stop, if there is one.
 */
export function retiredWith(call: CallFacts, stuck?: CallFacts): SnakepitError {
  const [why, remedy] =
    stuck === undefined
      ? ["was taken out of service", "increase recycle.graceMs of the pool, or graceMs of the method that removed it"]
      : [
          `was replaced because a cancelled call of tool "${stuck.tool}" did not stop`,
          "change that tool so that it stops when it is cancelled, or increase recycle.graceMs of the pool",
        ];
  return new SnakepitError(
    "WORKER_CRASHED",
    `${callLabel(call)} was lost: its worker ${why}, and the call did not end within the grace period; ${remedy}`,
    about(call, { recycled: true }),
  );
}

/** The worker died without reporting the outcome of the call. */
export function crashedWith(call: CallFacts, crash: SnakepitError): SnakepitError {
  return new SnakepitError(crash.code, `${callLabel(call)} was lost: ${crash.message}`, {
    ...about(call, crash.details),
    cause: crash,
  });
}

/** The call has ended several workers in a row. */
export function poisoned(
  call: CallFacts,
  { crashes, exit, forgottenInMs }: { crashes: number; exit: WorkerExit; forgottenInMs: number },
): SnakepitError {
  const { signal, exitCode, cause } = exit;
  const how = cause?.code ?? signal ?? (exitCode === undefined ? "exit status unknown" : `exit status ${exitCode}`);
  return new SnakepitError(
    "POISON_CALL",
    `${callLabel(call)} was rejected: with these arguments, it ended ${crashes} workers in a row (${how}); fix the tool or change the arguments; the crashes are forgotten in ${Math.ceil(forgottenInMs / 1_000)} s (poison.withinMs)`,
    about(call, { crashes, signal, exitCode, forgottenInMs: Math.ceil(forgottenInMs), stderrTail: exit.stderrTail }),
  );
}

function callLabel(call: CallFacts): string {
  return `call of tool "${call.tool}" in pool "${call.pool}"`;
}

function about(call: CallFacts, details: Readonly<Record<string, unknown>> = {}): SnakepitErrorOptions {
  const { pool, workerId, callId, sessionId } = originOf(call);
  return {
    pool,
    callId,
    details,
    ...(workerId !== undefined && { workerId }),
    ...(sessionId !== undefined && { sessionId }),
  };
}

/** The origin of an error; properties that the error already has take precedence. */
interface Origin {
  readonly pool: string;
  readonly workerId?: string | undefined;
  readonly callId?: string | undefined;
  readonly sessionId?: string | undefined;
}

/** Returns an error with the origin of its call: the error itself, if it has it. */
export function callError(error: SnakepitError, call: CallFacts): SnakepitError {
  const { callId, sessionId } = originOf(call);
  const isComplete = error.callId === callId && error.pool !== undefined && error.sessionId === sessionId;
  return isComplete ? error : withOrigin(error, originOf(call));
}

function originOf({ pool, worker, correlationId: callId, sessionId }: CallFacts): Origin & { callId: string } {
  return { pool, workerId: worker?.handle.workerId, callId, sessionId };
}

/**
 * Returns a copy of an error with its pool, worker and call. Each caller receives a separate copy, since several calls
 * may fail for one reason, and each stack shows the code of its caller.
 */
export function withOrigin(error: SnakepitError, origin: Origin): SnakepitError {
  const workerId = error.workerId ?? origin.workerId;
  const callId = error.callId ?? origin.callId;
  const sessionId = error.sessionId ?? origin.sessionId;
  return new SnakepitError(error.code, error.message, {
    cause: error.cause,
    details: error.details,
    retryable: error.retryable,
    pool: error.pool ?? origin.pool,
    ...(error.python !== undefined && { python: error.python }),
    ...(error.hostException !== undefined && { hostException: error.hostException }),
    ...(workerId !== undefined && { workerId }),
    ...(error.startFailure !== undefined && { startFailure: error.startFailure }),
    ...(callId !== undefined && { callId }),
    ...(sessionId !== undefined && { sessionId }),
  });
}
