import { type PoolConfig, python, Snakepit, type SnakepitConfig } from "snakepit";
import { PYTHON, pythonFile } from "../../project-files.ts";

/** A pool of a scenario: options of the pool that JSON can express, and its target. */
export interface PoolSetup extends Partial<Omit<PoolConfig, "worker" | "instrumentation">> {
  readonly size: number;
  /** Path of the Python file. Default: the tools of the battery. */
  readonly file?: string;
  readonly transport?: "socket" | "grpc";
  readonly startMethod?: "fork" | "spawn";
}

/** A host of a scenario. */
export interface HostSetup {
  readonly pools: Readonly<Record<string, PoolSetup>>;
  readonly registry: { readonly path: string } | { readonly url: string };
  readonly sessions?: SnakepitConfig["sessions"];
}

/** Options that do not limit how many workers a scenario may kill, and time limits that load does not reach. */
const UNLIMITED = {
  restart: { maxRestarts: 1_000_000 },
  backoff: { initialMs: 10, maxMs: 250 },
  poison: { crashes: 0 },
  retry: { attempts: 20, initialMs: 1, maxMs: 50 },
  queueLimit: 1_000_000,
  queueTimeoutMs: "2m",
  executeTimeoutMs: "2m",
  streamTimeoutMs: "2m",
  startTimeoutMs: "2m",
  cancelGraceMs: "30s",
  heartbeatTimeoutMs: "30s",
} as const;

/** Starts the host of a scenario. */
export function startHost({ pools, registry, sessions }: HostSetup): Promise<Snakepit> {
  return Snakepit.start({
    pools: Object.fromEntries(Object.entries(pools).map(([name, pool]) => [name, poolConfig(pool)])),
    registry,
    logger: false,
    ...(sessions !== undefined && { sessions }),
  });
}

function poolConfig({ file, transport = "socket", startMethod = "fork", ...options }: PoolSetup): PoolConfig {
  const path = file ?? pythonFile("chaos_tools.py");
  return { ...UNLIMITED, ...options, worker: python(path, { python: PYTHON, transport, startMethod }) };
}
