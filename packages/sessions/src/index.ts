export { callHostTool, type EncodeValue } from "./host-tools/call-host-tool.ts";
export { type CallScope, currentCallScope } from "./host-tools/call-scope.ts";
export {
  type HostTool,
  type HostToolContext,
  hostTool,
  type JsonSchema,
  type ToolArguments,
  type ToolParameters,
} from "./host-tools/host-tool.ts";
export { HostToolRegistry, type HostToolRegistryOptions } from "./host-tools/host-tool-registry.ts";
export type { HostToolCall } from "./host-tools/invocation.ts";
export type { HostToolDescriptor, RegisteredTool } from "./host-tools/registered-tool.ts";
export { streamHostTool } from "./host-tools/stream-host-tool.ts";
export { type ExecuteTool, executeProgram } from "./programs/execute-program.ts";
export type { ProgramDocument } from "./programs/program-document.ts";
export { type ProgramInfo, Programs, type ProgramsOptions } from "./programs/programs.ts";
export { MemoryStore } from "./store/memory-store.ts";
