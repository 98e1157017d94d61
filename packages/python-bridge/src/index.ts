export { findInterpreter, type InterpreterSearch } from "./interpreter/find-interpreter.ts";
export type { Interpreter } from "./interpreter/interpreter.ts";
export {
  findPythonProject,
  type PythonProject,
  projectOfInterpreter,
} from "./interpreter/python-project.ts";
export { interpreterOf } from "./interpreter/virtual-environment.ts";
export { python } from "./python.ts";
export type { PythonOptions } from "./python-options.ts";
export type { BridgeHost, HostOperations, OperationContext, ToolCallOptions } from "./service/bridge-host.ts";
export type { BridgeListenOptions, TcpListenOptions, UnixListenOptions } from "./service/listen-options.ts";
export type { OfferedTool, OfferedToolContext } from "./service/offered-tools/offered-tool.ts";
export type {
  Constraints,
  HostToolAnswer,
  HostToolCall,
  Operations,
  SessionAnswer,
  StreamOperations,
  VariableAnswer,
  WriteOutcome,
} from "./service/operations.ts";
export { type BridgeServer, type ServeBridgeOptions, serveBridge } from "./service/serve-bridge.ts";
export type { BridgeTls } from "./service/tls-identity.ts";
