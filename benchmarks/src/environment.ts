import { python, Snakepit } from "snakepit";
import { PYTHON, pythonFile } from "./project-files.ts";

/** What differs between the hosts of the rows. */
export interface PitOptions {
  readonly workers: number;
  /** "socket" by default. */
  readonly transport?: "socket" | "grpc";
  /** "fork" by default. */
  readonly startMethod?: "fork" | "spawn";
}

/** Starts a host with the tools of the benchmarks; its registry is in the scratch directory of this run. */
export function startPit({ workers, transport = "socket", startMethod = "fork" }: PitOptions): Promise<Snakepit> {
  return Snakepit.start({
    worker: python(pythonFile("bench_tools.py"), { python: PYTHON, transport, startMethod }),
    size: workers,
    batchSize: workers,
    startTimeoutMs: "120s",
    maxPayloadBytes: 256 * 1024 * 1024,
  });
}
