export { stateDirectory } from "./location/state-directory.ts";
export { listLeftovers, openRegistry, type RegistryOptions } from "./open-registry.ts";
export { RUN_ID_VARIABLE } from "./process-identity/linux-process.ts";
export { isSameProcess, processStartTime, thisProcess } from "./process-identity/process-identity.ts";
export { openStateStore, type StateStoreOptions } from "./state/open-state-store.ts";
export type { LeftoverProcess } from "./sweep/list-leftovers.ts";
