export { stateDirectory } from "./location/state-directory.ts";
export { openRegistry, type RegistryOptions } from "./open-registry.ts";
export { isSameProcess } from "./process-identity/is-same-process.ts";
export { processStartTime } from "./process-identity/process-start-time.ts";
export { RUN_ID_VARIABLE } from "./process-identity/run-id-in-environment.ts";
export { thisProcess } from "./process-identity/this-process.ts";
export { openStateStore, type StateStoreOptions } from "./state/open-state-store.ts";
