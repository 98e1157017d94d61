import { type Duration, loadPart } from "@snakepit/core";
import type { BridgeHost, HostOperations } from "./host/bridge-host.ts";
import type { BridgeListenOptions } from "./listening/listen-options.ts";

/** How the service for outside clients is started. */
export interface ServeBridgeOptions {
  /** Whose tools are offered. */
  readonly host: BridgeHost;
  /** What answers for sessions, variables, programs and host tools. */
  readonly operations: HostOperations;
  /** Where it listens, and what it wants of clients. */
  readonly listen: BridgeListenOptions;
  /** Version of the host, for Ping. */
  readonly version: string;
  /** Largest value that may cross the wire, in bytes. */
  readonly maxPayloadBytes: number;
}

/** The service for outside clients, while it runs. */
export interface BridgeServer extends AsyncDisposable {
  /** The target for gRPC clients: `unix:` and the path, or host and port. */
  readonly address: string;
  /** What `grpc.health.v1` says. Without a call, SERVING once the host is ready. */
  setServing(serving: boolean): void;
  /**
   * Takes no new calls and resolves when the others are over. May be called again.
   *
   * @param options.graceMs how long calls may go on, in milliseconds or as `"5s"`; 2 s by default.
   * @throws SnakepitError `INVALID_ARGUMENT` for options that it does not have; then it goes on.
   */
  close(options?: { readonly graceMs?: Duration | undefined }): Promise<void>;
}

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
