import { python, Snakepit } from "snakepit";
import { PYTHON, pythonFile } from "./python-environment.ts";

export interface PitOptions {
  readonly workers: number;
  readonly transport?: "socket" | "grpc";
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
