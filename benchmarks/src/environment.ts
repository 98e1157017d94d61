import { type PoolConfig, python, Snakepit } from "snakepit";
import { PYTHON, pythonFile } from "./project-files.ts";

/** What differs between the hosts of the rows. */
export interface PitOptions {
  readonly workers: number;
  /** "socket" by default. */
  readonly transport?: "socket" | "grpc";
  /** "fork" by default. */
  readonly startMethod?: "fork" | "spawn";
  /** "auto" by default. */
  readonly prefetch?: PoolConfig["prefetch"];
  /** "process" by default. */
  readonly profile?: PoolConfig["profile"];
  /** That of the profile by default. */
  readonly capacity?: number;
  /** The options of the supervision; those of the pool by default. */
  readonly lifecycle?: Pick<
    PoolConfig,
    "heartbeatIntervalMs" | "heartbeatTimeoutMs" | "healthCheck" | "recycle" | "retry"
  >;
}

/** Starts a host with the tools of the benchmarks; its registry is in the scratch directory of this run. */
export function startPit({
  workers,
  transport = "socket",
  startMethod = "fork",
  prefetch = "auto",
  profile = "process",
  capacity,
  lifecycle = {},
}: PitOptions): Promise<Snakepit> {
  return Snakepit.start({
    worker: python(pythonFile("bench_tools.py"), { python: PYTHON, transport, startMethod }),
    size: workers,
    batchSize: workers,
    prefetch,
    profile,
    capacity,
    // The tools have no state that threads share.
    threadSafety: "off",
    startTimeoutMs: "120s",
    maxPayloadBytes: 256 * 1024 * 1024,
    ...lifecycle,
  });
}
