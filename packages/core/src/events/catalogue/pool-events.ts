import { type EventTable, FIELDS, field, milliseconds, optional } from "../event-definition.ts";

const CIRCUIT = {
  pool: FIELDS.pool,
  tool: optional(field("string", "Name of the tool, if each tool has a circuit.")),
} as const;

/** Events of pools and of their circuit breakers. */
export const POOL_EVENTS = {
  "pool.state": {
    text: "`stats().state` of a pool has changed.",
    stability: "stable",
    fields: {
      pool: FIELDS.pool,
      from: field("PoolState", "The previous state."),
      to: field("PoolState", "The state."),
    },
  },
  "pool.ready": {
    text: "All workers of a pool are ready for the first time.",
    stability: "stable",
    fields: {
      pool: FIELDS.pool,
      workers: field("integer", "Number of ready workers."),
      durationMs: milliseconds("Time since the start of the pool."),
    },
  },
  "pool.degraded": {
    text: "The restart limit was exceeded; the pool waits between attempts.",
    stability: "stable",
    fields: { pool: FIELDS.pool, cause: field("error", "The last failure.") },
  },
  "pool.recovered": {
    text: "A degraded pool has all its workers again.",
    stability: "stable",
    fields: { pool: FIELDS.pool },
  },
  "pool.resized": {
    text: "The number of workers of a pool was changed, by `resize()` or because calls waited or workers were idle.",
    stability: "stable",
    fields: {
      pool: FIELDS.pool,
      from: field("integer", "The previous number of workers."),
      to: field("integer", "The number of workers."),
      reason: field("ResizeReason", "Why it was changed."),
    },
  },
  "pool.reloaded": {
    text: "All workers of a pool run the code that was loaded by a reload.",
    stability: "stable",
    fields: {
      pool: FIELDS.pool,
      workers: field("integer", "Number of replaced workers."),
      durationMs: milliseconds("Time since the start of the reload."),
    },
  },
  "pool.reload-failed": {
    text: "A reload has failed. The workers continue to run the code that they have loaded.",
    stability: "stable",
    fields: { pool: FIELDS.pool, error: FIELDS.error },
  },
  "pool.churning": {
    text: "More workers were replaced within a period than `churn.maxReplaced`; reported once until fewer are.",
    stability: "stable",
    fields: {
      pool: FIELDS.pool,
      replaced: field("integer", "Number of replaced workers."),
      withinMs: milliseconds("The period."),
      reasons: field(
        "numbers",
        "Number of workers by reason: `recycled`, `unresponsive` (they did not stop a cancelled call), an error code, a signal or an exit status.",
      ),
    },
  },
  "pool.saturated": {
    text: "The queue of a pool is full, and a call was rejected (`POOL_SATURATED`); reported once until a call is queued again.",
    stability: "stable",
    fields: {
      pool: FIELDS.pool,
      queued: field("integer", "Number of queued calls."),
      limit: field("integer", "The pool's `queueLimit`."),
      available: field(
        "integer",
        "Number of workers that can take a call: 0, unless calls wait for the worker of their session or the limit of their tool.",
      ),
      busy: field("integer", "Number of workers that can take no further call."),
    },
  },
  "circuit.opened": {
    text: "So many calls failed because of the pool that the circuit rejects calls for `openMs` (`CIRCUIT_OPEN`).",
    stability: "stable",
    fields: {
      ...CIRCUIT,
      calls: field("integer", "Number of calls in the window."),
      failures: field("integer", "Number of failed calls in the window."),
      openMs: milliseconds("Time until the circuit lets probes pass."),
      error: field("error", "The last failure."),
    },
  },
  "circuit.half-open": {
    text: "The circuit lets probes pass: if they succeed, it closes.",
    stability: "stable",
    fields: CIRCUIT,
  },
  "circuit.closed": {
    text: "The circuit lets all calls pass again.",
    stability: "stable",
    fields: CIRCUIT,
  },
} as const satisfies EventTable;
