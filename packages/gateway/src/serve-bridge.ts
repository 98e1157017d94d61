import { type Duration, loadPart } from "@snakepit/core";
import type { BridgeHost, HostOperations } from "./host/bridge-host.ts";
import type { BridgeListenOptions } from "./listening/listen-options.ts";

/** The options of {@link serveBridge}. */
export interface ServeBridgeOptions {
  /** The host whose tools are served. */
  readonly host: BridgeHost;
  /** Executes the operations on sessions, variables, programs and host tools. */
  readonly operations: HostOperations;
  /** The socket or port, and the credentials that clients need. */
  readonly listen: BridgeListenOptions;
  /** Version of the host, for Ping. */
  readonly version: string;
  /** Largest value that may cross the wire, in bytes. */
  readonly maxPayloadBytes: number;
}

/** A running gRPC server. */
export interface BridgeServer extends AsyncDisposable {
  /** The target for gRPC clients: `unix:` and the path, or host and port. */
  readonly address: string;
  /** Sets the status that `grpc.health.v1` reports. By default it is SERVING once the host is ready. */
  setServing(serving: boolean): void;
  /**
   * Accepts no new calls, and resolves when the active ones have ended. May be called again.
   *
   * @param options.graceMs how long calls may go on, in milliseconds or as `"5s"`; 2 s by default.
   * @throws SnakepitError `INVALID_ARGUMENT` for unknown or invalid options; the server then stays open.
   */
  close(options?: { readonly graceMs?: Duration | undefined }): Promise<void>;
}

/**
 * Serves a host to gRPC clients in any language: `snakepit.bridge.v1.BridgeService`, `grpc.health.v1.Health` and
 * reflection (`grpc.reflection.v1` and `v1alpha`). The server listens on a unix socket that only this user can open, or on
 * TCP with a token. TLS is required on addresses that other machines can reach. Deadlines and cancellations of clients
 * reach the host, and the flow control of a client holds back the stream that it reads.
 *
 * Without the right token, every call except those of health ends with `UNAUTHENTICATED` before its messages are read.
 *
 * A failed call ends with the gRPC status of its error code, the code by name in the trailing metadata `snakepit-code`, and
 * a `google.rpc.Status` in `grpc-status-details-bin` whose details are a `google.rpc.ErrorInfo` and a
 * `snakepit.bridge.v1.Failure`.
 *
 * @throws SnakepitError `INVALID_CONFIG` when it cannot listen there, or when the token or the certificate is invalid.
 * @example
 * const server = await serveBridge({ host, operations, listen: { socketPath: "/run/user/1000/tools.sock" }, version, maxPayloadBytes });
 */
export async function serveBridge(options: ServeBridgeOptions): Promise<BridgeServer> {
  // Only a host that serves loads gRPC.
  const { startBridgeServer } = await loadPart("the gRPC server", import("./server/bridge-server.ts"));
  return startBridgeServer(options);
}
