export type {
  BridgeHost,
  BridgeListenOptions,
  BridgeServer,
  BridgeTls,
  HostOperations,
  OfferedTool,
  OfferedToolContext,
  TcpListenOptions,
  ToolCallOptions,
  UnixListenOptions,
} from "@snakepit/core";
export { serveBridge } from "./serve-bridge.ts";
export type { ServeBridgeOptions } from "./server/serve-options.ts";
