import type { ToolHost } from "./tool-host.ts";

/** How the service for outside clients is started. */
export interface ServeBridgeOptions {
  /** Whose tools are offered. */
  readonly host: ToolHost;
  /** Path of the unix socket; made with mode 0600. A socket that nobody serves any more is replaced. */
  readonly socketPath: string;
  /** Version of the host, for Ping. */
  readonly version: string;
  /** Largest value that may cross the wire, in bytes. */
  readonly maxPayloadBytes: number;
}

/** The service for outside clients, while it runs. */
export interface BridgeServer extends AsyncDisposable {
  /** The target for gRPC clients: `unix:` and the path. */
  readonly address: string;
  /** What `grpc.health.v1` says. Without a call, SERVING once the host is ready. */
  setServing(serving: boolean): void;
  /**
   * Takes no new calls and resolves when the others are over. May be called again.
   *
   * @param options.graceMs milliseconds that calls may go on; 2,000 by default.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * Offers the tools of a host to gRPC clients in any language: `snakepit.bridge.v1.BridgeService` and
 * `grpc.health.v1.Health` on a unix socket that only this user can open. A client's deadline and its cancelling reach
 * the tool, and its flow control holds a streaming tool back.
 *
 * A failed call ends with the gRPC status of its error code, the code by name in the trailing metadata
 * `snakepit-code`, and the whole failure as a `snakepit.bridge.v1.Failure` in `grpc-status-details-bin`.
 *
 * @throws SnakepitError `INVALID_CONFIG` when it cannot listen on the path.
 * @example
 * const server = await serveBridge({ host: pit, socketPath: "/run/user/1000/tools.sock", version, maxPayloadBytes });
 */
export async function serveBridge(options: ServeBridgeOptions): Promise<BridgeServer> {
  // gRPC is loaded only by a host that serves.
  const { startBridgeServer } = await import("./bridge-server.ts");
  return startBridgeServer(options);
}
