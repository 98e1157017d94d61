import type { HostScope } from "@snakepit/core";
import { WorkerEndpoint } from "../endpoint/worker-endpoint.ts";

const endpoints = new WeakMap<HostScope, Promise<WorkerEndpoint>>();

/**
 * The endpoint of a host's workers, one for all its pools; opened when first asked for, and closed with the host.
 *
 * @throws SnakepitError `INVALID_CONFIG` when the socket directory cannot be used.
 */
export function hostEndpoint(host: HostScope): Promise<WorkerEndpoint> {
  let endpoint = endpoints.get(host);
  if (endpoint === undefined) {
    endpoint = open(host);
    endpoints.set(host, endpoint);
  }
  return endpoint;
}

async function open(host: HostScope): Promise<WorkerEndpoint> {
  const endpoint = await WorkerEndpoint.open({
    runId: host.runId,
    maxPayloadBytes: host.maxPayloadBytes,
    directory: host.socketDirectory,
    instrumentation: host.instrumentation,
  });
  host.defer(() => endpoint.close());
  return endpoint;
}
