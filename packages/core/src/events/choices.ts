/** A field with one of several values. */
interface Choice {
  readonly text: string;
  /** The values, and when each applies. */
  readonly values: Readonly<Record<string, string>>;
}

/** The types of fields that have one of several values, by name. */
export const CHOICES = {
  PoolState: {
    text: "The state of a pool.",
    values: {
      idle: "not started",
      starting: "workers are starting for the first time, or no worker is ready",
      ready: "all workers have been ready, and at least one is; crashed workers are replaced",
      degraded: "workers keep failing, and the pool waits between attempts; it uses its remaining workers",
      failed: "workers cannot start, for example because of an import error, and the pool has stopped trying",
      closing: "closing or closed",
    },
  },
  ResizeReason: {
    text: "Why the number of workers was changed.",
    values: {
      requested: "by `resize()`",
      "calls-waited": "calls waited for a worker",
      "workers-idle": "workers had no calls",
    },
  },
  RecycleReason: {
    text: "Why a worker was replaced.",
    values: {
      requested: "by `recycle()`",
      age: "it reached `recycle.ttlMs`",
      requests: "it reached `recycle.maxRequests`",
      memory: "it reached `recycle.maxRssMb`",
      unhealthy: "it failed a health check",
      unresponsive: "a cancelled call did not stop while other calls of the worker continued",
      reload: "the pool was reloaded",
    },
  },
  QueueReason: {
    text: "Why a call waits.",
    values: {
      "workers-busy": "all workers that may take it are busy",
      "session-worker-busy": "the worker of its session is busy, and only that one may take it",
      "tool-limit": "`maxConcurrent` calls of the tool are running",
      batch: "it is a call of `map()`, which leaves room in the queue for other callers",
    },
  },
  LeftoverPhase: {
    text: "When processes were found that should have ended.",
    values: {
      start: "at the start of a host: processes of hosts that have died",
      close: "at the end of a host: processes of workers that did not end by themselves",
    },
  },
  WorkerLogSource: {
    text: "The source of a line or record.",
    values: {
      stdout: "`print` and other writes to stdout",
      stderr: "the stderr of the process",
      logging: "Python's `logging`",
    },
  },
  WorkerLogLevel: {
    text: "The level of a record.",
    values: {
      debug: "a detail for debugging",
      info: "normal operation",
      warn: "a problem that may require attention",
      error: "a failure",
    },
  },
} as const satisfies Readonly<Record<string, Choice>>;

/** The name of a type with several values. */
export type ChoiceType = keyof typeof CHOICES;
