export { stateDirectory } from "./location/state-directory.ts";
export { examineRegistry, openRegistry, type RegistryOptions } from "./open-registry.ts";
export { RUN_ID_VARIABLE } from "./process-identity/linux-process.ts";
export { isSameProcess, processStartTime, thisProcess } from "./process-identity/process-identity.ts";
export {
  examineStateStore,
  openStateStore,
  type StateStoreOptions,
  type StoreExamination,
} from "./state/open-state-store.ts";
export type { DeadHost, RegistryExamination } from "./sweep/examine-database.ts";
