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
  /** The version of the host, which Ping returns. */
  readonly version: string;
  /** The size limit of a value, in bytes. */
  readonly maxPayloadBytes: number;
}

/** A running gRPC server. */
export interface BridgeServer extends AsyncDisposable {
  /** The target for gRPC clients: `unix:` and the path, or host and port. */
  readonly address: string;
  /** Sets the status that `grpc.health.v1` reports. Default: SERVING when the host is ready, NOT_SERVING before. */
  setServing(serving: boolean): void;
  /**
   * Rejects new calls, and resolves when the active calls have ended. May be called more than once.
   *
   * @param options.graceMs the time that active calls have to end, in milliseconds or as a string such as `"5s"`.
   *   Default: 2 s.
   * @throws SnakepitError `INVALID_ARGUMENT` for unknown or invalid options; the server then stays open.
   */
  close(options?: { readonly graceMs?: Duration | undefined }): Promise<void>;
}
