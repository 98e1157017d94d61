export type { BridgeHost, HostOperations, ToolCallOptions } from "./host/bridge-host.ts";
export type { BridgeTls } from "./identity/tls-identity.ts";
export type { BridgeListenOptions, TcpListenOptions, UnixListenOptions } from "./listening/listen-options.ts";
export type { OfferedTool, OfferedToolContext } from "./offered-tools/offered-tool.ts";
export { serveBridge } from "./serve-bridge.ts";
export type { BridgeServer, ServeBridgeOptions } from "./server/serve-options.ts";
