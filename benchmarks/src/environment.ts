import { join, resolve } from "node:path";
import { python, Snakepit } from "snakepit";

const root = resolve(import.meta.dirname, "../..");

/** The interpreter of all rows and floors. */
export const PYTHON = process.env["SNAKEPIT_PYTHON"] ?? join(root, ".venv/bin/python");

/** Returns the path of a file in the Python folder of the benchmarks. */
export function pythonFile(name: string): string {
  return join(root, "benchmarks/python", name);
}

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
