import { noInstrumentation } from "@snakepit/core";
import { WorkerEndpoint } from "../endpoint/worker-endpoint.ts";

/** Opens the worker sockets of both transports in a directory, like a host. */
export async function openWorkerSockets(directory: string): Promise<{ close(): Promise<void> }> {
  const instrumentation = noInstrumentation;
  const endpoint = await WorkerEndpoint.open({ runId: "aaaaaaa", maxPayloadBytes: 1_024, directory, instrumentation });
  await endpoint.dialAddress("grpc");
  return endpoint;
}
