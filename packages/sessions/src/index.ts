export {
  type HostTool,
  type HostToolContext,
  type HostToolDescriptor,
  hostTool,
  type JsonSchema,
  type ToolParameters,
} from "./host-tools/host-tool.ts";
export { HostToolRegistry, type HostToolRegistryOptions } from "./host-tools/host-tool-registry.ts";
export { ToolOffers } from "./host-tools/tool-offers.ts";
export { clientOperations, type HostServices, workerOperations } from "./operations/host-operations.ts";
export type { Operations } from "./operations/operations.ts";
export type { ExecuteWorkerTool } from "./operations/program-handlers.ts";
export { type ExecuteTool, executeProgram } from "./programs/execute-program.ts";
export type { ProgramDocument } from "./programs/program-document.ts";
export { type ProgramInfo, Programs, type ProgramsOptions } from "./programs/programs.ts";
export { SessionDirectory } from "./sessions/session-directory.ts";
export type {
  NewSession,
  SessionDirectoryOptions,
  SessionListener,
  SessionStats,
} from "./sessions/session-directory-options.ts";
export type { SessionMetadata } from "./sessions/session-metadata.ts";
export { readGlobalPrograms, readSessionSnapshot, sessionSnapshot } from "./snapshots/session-snapshot.ts";
export { CachedStore, type CachedStoreOptions, cachedStore } from "./store/cached-store.ts";
export { MemoryStore } from "./store/memory-store.ts";
export { WriteTurns } from "./updates/write-turns.ts";
export { SessionVariables } from "./variables/session-variables.ts";
export type { VariableConstraints } from "./variables/types/variable-definition.ts";
export { type TensorDtype, VARIABLE_TYPES, type VariableType } from "./variables/types/variable-type.ts";
export type {
  DynamicVariableDraft,
  PreviousVariableValue,
  TypeConstraints,
  Variable,
  VariableDraft,
  VariableInputs,
  VariableValues,
} from "./variables/variable.ts";
export type { VariableOutcome, VariableWrite } from "./variables/variable-batch.ts";
export type { VariableMetadata } from "./variables/variable-metadata.ts";
export type { VariableChanger } from "./variables/variable-update.ts";
export { Variables, type VariablesOptions } from "./variables/variables.ts";
export type { VariableChange, VariableWatch } from "./variables/watching/variable-watch.ts";
