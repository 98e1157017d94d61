export { findInterpreter, type InterpreterSearch } from "./interpreter/find-interpreter.ts";
export type { Interpreter } from "./interpreter/interpreter.ts";
export { interpreterOf } from "./interpreter/virtual-environment.ts";
export { type PythonOptions, python } from "./python.ts";
export { type BridgeServer, type ServeBridgeOptions, serveBridge } from "./service/serve-bridge.ts";
export type { ToolCallOptions, ToolHost } from "./service/tool-host.ts";
