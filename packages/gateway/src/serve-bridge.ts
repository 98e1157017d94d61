import type { BridgeServer } from "@snakepit/core";
import { loadPart } from "@snakepit/core";
import type { ServeBridgeOptions } from "./server/serve-options.ts";

/**
 * Serves a host to gRPC clients in any language: `snakepit.bridge.v1.BridgeService`, `grpc.health.v1.Health` and
 * reflection (`grpc.reflection.v1` and `v1alpha`). The server listens on a Unix socket that only this user can open, or
 * on TCP with a token. TLS is required on addresses that other machines can reach. Deadlines and cancellations of
 * clients apply to the calls in the host, and the flow control of a client applies back-pressure to the stream that it
 * reads.
 *
 * Without a valid token, every call except those of `grpc.health.v1` ends with `UNAUTHENTICATED` before its messages
 * are read.
 *
 * A failed call ends with the gRPC status of its error code, the code by name in the trailing metadata `snakepit-code`,
 * and a `google.rpc.Status` in `grpc-status-details-bin` whose details are a `google.rpc.ErrorInfo` and a
 * `snakepit.bridge.v1.Failure`.
 *
 * @throws SnakepitError `INVALID_CONFIG` when the address is unavailable, or when the token or the certificate is
 *   invalid.
 * @example
 * const server = await serveBridge({ host, operations, listen: { socketPath: "/run/user/1000/tools.sock" }, version,
 * maxPayloadBytes });
 */
export async function serveBridge(options: ServeBridgeOptions): Promise<BridgeServer> {
  // gRPC is loaded only when it is used.
  const { startBridgeServer } = await loadPart("the gRPC server", import("./server/bridge-server.ts"));
  return startBridgeServer(options);
}
