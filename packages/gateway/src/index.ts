export type {
  BridgeHost,
  HostOperations,
  OfferedTool,
  OfferedToolContext,
  ToolCallOptions,
} from "./host/bridge-host.ts";
export type { BridgeTls } from "./identity/tls-identity.ts";
export type { BridgeListenOptions, TcpListenOptions, UnixListenOptions } from "./listening/listen-options.ts";
export { serveBridge } from "./serve-bridge.ts";
export type { BridgeServer, ServeBridgeOptions } from "./server/serve-options.ts";
