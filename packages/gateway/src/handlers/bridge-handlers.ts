import type { BridgeHost, HostOperations } from "@snakepit/core";
import type { BridgeServiceServer } from "../grpc.ts";
import { offerToolsHandler } from "../offered-tools/offer-stream.ts";
import { hostToolHandlers } from "./host-tool-handlers.ts";
import { programHandlers } from "./program-handlers.ts";
import { sessionHandlers } from "./session-handlers.ts";
import { toolHandlers } from "./tool-handlers.ts";
import { variableHandlers } from "./variable-handlers.ts";

/** The options of {@link bridgeHandlers}. */
export interface BridgeHandlerOptions {
  readonly host: BridgeHost;
  readonly operations: HostOperations;
  /** The version of the host, which Ping returns. */
  readonly version: string;
  /** The size limit of a value, in bytes. */
  readonly maxPayloadBytes: number;
  /** Aborts when the service closes. */
  readonly closing: AbortSignal;
}

/** Returns the handlers of all methods of `BridgeService`. */
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
