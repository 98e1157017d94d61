import type { BridgeServiceServer } from "@snakepit/bridge-proto/grpc";
import type { BridgeHost, HostOperations } from "../host/bridge-host.ts";
import { offerToolsHandler } from "../offered-tools/offer-stream.ts";
import { hostToolHandlers } from "./host-tool-handlers.ts";
import { programHandlers } from "./program-handlers.ts";
import { sessionHandlers } from "./session-handlers.ts";
import { toolHandlers } from "./tool-handlers.ts";
import { variableHandlers } from "./variable-handlers.ts";

/** What the handlers of `BridgeService` need. */
export interface BridgeHandlerOptions {
  readonly host: BridgeHost;
  readonly operations: HostOperations;
  /** Version of the host, for Ping. */
  readonly version: string;
  /** Largest value that may cross the wire, in bytes. */
  readonly maxPayloadBytes: number;
  /** Aborts when the service closes. */
  readonly closing: AbortSignal;
}

/** The handlers of `BridgeService`. */
export function bridgeHandlers(options: BridgeHandlerOptions): BridgeServiceServer {
  const { host, operations, version, maxPayloadBytes, closing } = options;
  return {
    ...toolHandlers(host, version, maxPayloadBytes),
    ...sessionHandlers(operations),
    ...variableHandlers(operations, maxPayloadBytes, closing),
    ...programHandlers(operations, maxPayloadBytes),
    ...hostToolHandlers(operations, maxPayloadBytes),
    ...offerToolsHandler(options),
  };
}
