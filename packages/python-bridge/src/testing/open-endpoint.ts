import type { HostRequests, Instrumentation, SnakepitError } from "@snakepit/core";
import { newRunId } from "@snakepit/core";
import type { Expectation } from "../endpoint/expectations.ts";
import { WorkerEndpoint } from "../endpoint/worker-endpoint.ts";

/** The settings of {@link openEndpoint}. */
export interface OpenEndpointOptions {
  /** An existing directory for the sockets. */
  readonly directory: string;
  readonly maxPayloadBytes: number;
  readonly instrumentation: Instrumentation;
  /** Handles the requests of all workers. */
  readonly requests: HostRequests;
  readonly onRejected: (error: SnakepitError) => void;
}

/** An endpoint without a host, for programs that connect to it in place of workers. */
export interface OpenEndpoint extends AsyncDisposable {
  /** See `WorkerEndpoint.dialAddress`. */
  dialAddress(transport: "socket" | "grpc"): Promise<string>;
  /** Expects a worker with this ID. */
  expect(workerId: string): Expectation;
}

/** Opens an endpoint. */
export async function openEndpoint(options: OpenEndpointOptions): Promise<OpenEndpoint> {
  const { requests, ...settings } = options;
  const endpoint = await WorkerEndpoint.open({ ...settings, runId: newRunId() });
  const worker = { pool: "default", heartbeatIntervalMs: 60_000, heartbeatTimeoutMs: 600_000, requests };
  return {
    dialAddress: (transport) => endpoint.dialAddress(transport),
    expect: (workerId) => endpoint.expect({ ...worker, workerId }),
    [Symbol.asyncDispose]: () => endpoint.close(),
  };
}
