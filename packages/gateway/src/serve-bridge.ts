import { loadPart } from "@snakepit/core";
import type { BridgeServer, ServeBridgeOptions } from "./server/bridge-server.ts";

/**
 * Offers a host to gRPC clients in any language: `snakepit.bridge.v1.BridgeService`, `grpc.health.v1.Health`, and
 * reflection (`grpc.reflection.v1` and `v1alpha`). On a unix socket that only this user can open, or on TCP, which wants a
 * token and, unless only this machine reaches it, TLS. A client's deadline and its cancelling reach the host, and its flow
 * control holds streams back.
 *
 * Without the right token every call but those of health ends with `UNAUTHENTICATED`, before anything of it is read.
 *
 * A failed call ends with the gRPC status of its error code, the code by name in the trailing metadata `snakepit-code`, and
 * a `google.rpc.Status` in `grpc-status-details-bin` whose details are a `google.rpc.ErrorInfo` and a
 * `snakepit.bridge.v1.Failure`.
 *
 * @throws SnakepitError `INVALID_CONFIG` when it cannot listen there, or token or certificate are no good.
 * @example
 * const server = await serveBridge({ host, operations, listen: { socketPath: "/run/user/1000/tools.sock" }, version, maxPayloadBytes });
 */
export async function serveBridge(options: ServeBridgeOptions): Promise<BridgeServer> {
  // gRPC is loaded only by a host that serves.
  const { startBridgeServer } = await loadPart("the gRPC server", import("./server/bridge-server.ts"));
  return startBridgeServer(options);
}
