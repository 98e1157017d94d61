import type { Duration } from "@snakepit/core";
import type { BridgeHost, HostOperations } from "../host/bridge-host.ts";
import type { BridgeListenOptions } from "../listening/listen-options.ts";

/** The options of `serveBridge`. */
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
