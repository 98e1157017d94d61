import { noInstrumentation } from "@snakepit/core";
import { WorkerEndpoint } from "../endpoint/worker-endpoint.ts";

/** Opens the sockets for workers in a directory, those of both transports, as a host does. */
export async function openWorkerSockets(directory: string): Promise<{ close(): Promise<void> }> {
  const instrumentation = noInstrumentation;
  const endpoint = await WorkerEndpoint.open({ runId: "aaaaaaa", maxPayloadBytes: 1_024, directory, instrumentation });
  await endpoint.dialAddress("grpc");
  return endpoint;
}
