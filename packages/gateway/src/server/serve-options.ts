import type { BridgeHost, BridgeListenOptions, HostOperations } from "@snakepit/core";

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
