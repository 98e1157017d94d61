import type {
  EventName,
  Logger,
  OnDemandEventName,
  SnakepitError,
  SnakepitEvents,
  WorkerExit,
  WorkerLogRecord,
} from "@snakepit/core";

type Writers = { readonly [Name in EventName]: (log: Logger, event: SnakepitEvents[Name]) => void };

/** Events on demand are not logged. */
type LoggedWriters = Omit<Writers, OnDemandEventName>;

const WRITERS: LoggedWriters = {
  "worker.log": (log, record) => log[record.level](workerFacts(record), record.message),
  "pool.state": (log, { pool, from, to }) =>
    log.debug({ pool, from, to }, `pool ${pool} changed from ${from} to ${to}`),
  "pool.ready": (log, { pool, workers, durationMs }) =>
    log.debug({ pool, workers, durationMs }, `pool ${pool} is ready with ${count(workers)}`),
  "pool.degraded": (log, { pool, cause }) =>
    log.error({ pool, err: cause }, `pool ${pool} is degraded and retries at intervals: ${firstLine(cause)}`),
  "pool.recovered": (log, { pool }) => log.info({ pool }, `pool ${pool} has recovered`),
  "pool.resized": (log, { pool, from, to, reason }) =>
    log.debug({ pool, from, to, reason }, `pool ${pool} changes from ${from} to ${to} workers`),
  "pool.reloaded": (log, { pool, workers, durationMs }) =>
    log.info({ pool, workers, durationMs }, `pool ${pool} is reloaded: its new code runs in ${count(workers)}`),
  "pool.reload-failed": (log, { pool, error }) =>
    log.error({ pool, err: error }, `pool ${pool} continues with its earlier code: ${firstLine(error)}`),
  "pool.churning": (log, { pool, replaced, withinMs, reasons }) => {
    const list = Object.entries(reasons).map(([reason, times]) => `${reason}: ${times}`);
    log.error(
      { pool, replaced, withinMs, reasons },
      `pool ${pool} has replaced ${count(replaced)} within ${withinMs} ms (${list.join(", ")})`,
    );
  },
  "pool.saturated": (log, { pool, queued, limit, available, busy }) =>
    log.warn(
      { pool, queued, limit, available, busy },
      `pool ${pool} is saturated: ${queued} calls are queued and further calls are rejected`,
    ),
  "call.retried": (log, { pool, tool, correlationId, attempt, delayMs, error }) =>
    log.warn(
      { pool, tool, callId: correlationId, attempt, delayMs, err: error },
      `call of tool ${tool} in pool ${pool} failed and is executed again (attempt ${attempt}): ${firstLine(error)}`,
    ),
  "call.poisoned": (log, { pool, tool, correlationId, crashes, exit }) =>
    log.error(
      { pool, tool, callId: correlationId, crashes, exitCode: exit.exitCode, signal: exit.signal },
      `calls of tool ${tool} in pool ${pool} with these arguments are rejected: they ended ${crashes} workers in a row (${reasonOf(exit)})`,
    ),
  "circuit.opened": (log, { pool, tool, calls, failures, openMs, error }) =>
    log.error(
      { pool, tool, calls, failures, openMs, err: error },
      `the circuit of ${circuitName(pool, tool)} is open for ${openMs} ms: ${failures} of ${calls} calls failed, the last one with: ${firstLine(error)}`,
    ),
  "circuit.half-open": (log, { pool, tool }) =>
    log.info({ pool, tool }, `the circuit of ${circuitName(pool, tool)} is half-open`),
  "circuit.closed": (log, { pool, tool }) =>
    log.info({ pool, tool }, `the circuit of ${circuitName(pool, tool)} is closed`),
  "worker.starting": (log, { pool, workerId, attempt }) =>
    log.debug({ pool, workerId, attempt }, `worker ${workerId} is starting`),
  "worker.ready": (log, { pool, workerId, pid, durationMs }) =>
    log.debug({ pool, workerId, pid, durationMs }, `worker ${workerId} is ready`),
  "worker.start-failed": (log, { pool, workerId, error }) =>
    log.warn({ pool, workerId, err: error }, `worker ${workerId} failed to start: ${firstLine(error)}`),
  "worker.exited": (log, { pool, workerId, pid, exit }) => {
    const facts = { pool, workerId, pid, exitCode: exit.exitCode, signal: exit.signal };
    // A worker that the host killed because it did not stop a cancelled call.
    if (exit.requested && exit.stacks !== undefined)
      log.warn({ ...facts, stacks: exit.stacks }, `worker ${workerId} was killed: it did not stop a cancelled call`);
    else if (exit.requested) log.debug(facts, `worker ${workerId} has ended`);
    else log.warn({ ...facts, stderr: exit.stderrTail }, `worker ${workerId} ended unexpectedly (${reasonOf(exit)})`);
  },
  "worker.recycled": (log, { workerId, replacementId, reason, ...facts }) =>
    log.debug(
      { workerId, replacementId, reason, ...facts },
      `worker ${replacementId} has replaced ${workerId} (${reason})`,
    ),
  "worker.unhealthy": (log, { pool, workerId, error }) =>
    log.warn({ pool, workerId, err: error }, `worker ${workerId} failed its health check: ${firstLine(error)}`),
  "zygote.ready": (log, { pool, pid, durationMs }) =>
    log.debug({ pool, pid, durationMs }, `the zygote of pool ${pool} is ready`),
  "zygote.exited": (log, { pool, pid, requested }) => {
    if (requested) log.debug({ pool, pid }, `the zygote of pool ${pool} has ended`);
    else log.warn({ pool, pid }, `the zygote of pool ${pool} ended unexpectedly`);
  },
  "python.dropped": (log, { pool, workerId, spans, events }) =>
    log.warn(
      { pool, workerId, spans, events },
      `worker ${workerId} has dropped ${spans} spans and ${events} events, because there were more than pythonTelemetry.maxPerSecond allows`,
    ),
  "session.created": (log, { sessionId }) => log.debug({ sessionId }, "session created"),
  "session.ended": (log, { sessionId }) => log.debug({ sessionId }, "session ended"),
  "session.store-failed": (log, { error }) =>
    log.warn({ err: error }, `the session store failed in the background: ${firstLine(error)}`),
  "registry.swept": (log, { hosts, killed, rows }) => {
    const facts = { hosts, killed, rows };
    if (killed > 0) log.info(facts, `killed ${killed} ${killed === 1 ? "process" : "processes"} of dead hosts`);
    else log.debug(facts, "found no processes of dead hosts");
  },
  "registry.unavailable": (log, { error }) =>
    log.warn(
      { err: error },
      `the process registry is unavailable; processes that start now are recorded when it is available again: ${error.message}`,
    ),
  "registry.recovered": (log, { changes }) =>
    log.info({ changes }, "the process registry is available again and has the running processes"),
  "host.leftovers": (log, { phase, pids }) => {
    // Those of dead hosts are logged as `registry.swept`.
    if (phase === "close")
      log.warn({ pids }, `killed ${pids.length} processes of workers that did not end by themselves`);
  },
};

/**
 * Writes an event to a logger, unless it is one on demand. Records of workers keep their level; problems are logged as
 * warnings or errors.
 */
export function logEvent<Name extends EventName>(log: Logger, name: Name, event: SnakepitEvents[Name]): void {
  const writers: Partial<Writers> = WRITERS;
  writers[name]?.(log, event);
}

/** The correlation ID is named `callId`, as in errors. */
function workerFacts(record: WorkerLogRecord): object {
  const { pool, workerId, source, logger, correlationId, sessionId, thread, traceId, spanId } = record;
  return {
    pool,
    workerId,
    source,
    ...(logger !== undefined && { logger }),
    ...(correlationId !== undefined && { callId: correlationId }),
    ...(sessionId !== undefined && { sessionId }),
    ...(thread !== undefined && { thread }),
    ...(traceId !== undefined && { traceId, spanId }),
  };
}

function circuitName(pool: string, tool: string | undefined): string {
  return tool === undefined ? `pool ${pool}` : `tool ${tool} in pool ${pool}`;
}

function reasonOf(exit: WorkerExit): string {
  if (exit.cause !== undefined) return firstLine(exit.cause);
  if (exit.signal !== undefined) return exit.signal;
  return exit.exitCode === undefined ? "exit not observed" : `exit status ${exit.exitCode}`;
}

function count(workers: number): string {
  return `${workers} ${workers === 1 ? "worker" : "workers"}`;
}

/** Returns the first line of a message. The rest, such as a traceback, is in the `err` field. */
function firstLine({ message }: SnakepitError): string {
  const end = message.indexOf("\n");
  return end === -1 ? message : message.slice(0, end);
}
