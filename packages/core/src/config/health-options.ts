import type { ResolvedHealth } from "./gen/config-types.ts";
import type { GroupTable } from "./option.ts";
import { duration, flag, integer, override } from "./option-kinds.ts";

/** The thresholds of `pit.health()`. */
export const HEALTH_OPTIONS = {
  minWorkers: integer({
    doc: "Minimum number of ready workers of each pool, busy ones included; for a smaller pool, all of them. With fewer, the host is not ready.",
    example: "minWorkers: 2",
    min: 0,
    max: 10_000,
    fallback: 1,
  }),
  maxCrashes: override(
    integer({
      doc: "Maximum number of workers of a pool that end unexpectedly within `crashWindowMs`. With more, the host is not ready.",
      example: "maxCrashes: 20",
      min: 0,
      max: 100_000,
      fallback: 0,
    }),
    "2 × the size of the pool, at least 10",
  ),
  crashWindowMs: duration({
    doc: "Period in which crashes are counted.",
    example: 'crashWindowMs: "5m"',
    minMs: 1,
    fallback: 60_000,
  }),
  maxQueueDelayMs: duration({
    doc: "Maximum time that the oldest call of a pool has waited for a worker, without the calls of `map()`. Beyond it, the host is not ready. Without a limit, a queue is only reported: if all hosts of a service are overloaded, none of them should be taken out of service.",
    example: 'maxQueueDelayMs: "2s"',
    minMs: 1,
    orNever: true,
    fallback: Number.POSITIVE_INFINITY,
  }),
  timeoutMs: duration({
    doc: "Time that the session store and the registry have to answer. It should be shorter than the time limit of the probe, which is 1 s by default in Kubernetes.",
    example: 'timeoutMs: "2s"',
    minMs: 1,
    fallback: 500,
  }),
  requireStore: flag({
    doc: "Whether the host is not ready while the session store does not answer. Otherwise, that is a warning.",
    example: "requireStore: false",
    fallback: true,
  }),
  requireRegistry: flag({
    doc: "Whether the host is not ready while the process registry does not answer. Otherwise, that is a warning: a running host continues without the registry.",
    example: "requireRegistry: true",
    fallback: false,
  }),
  drainDelayMs: duration({
    doc: "Time between the start of `close()`, when the host is no longer ready, and the moment when it rejects calls. Load balancers need it to notice.",
    example: 'drainDelayMs: "5s"',
    minMs: 0,
    fallback: 0,
  }),
} satisfies GroupTable<ResolvedHealth>;
