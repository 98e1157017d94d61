export { FakeClock, type StateStoreBench, type StateStoreCase } from "./state-store-case.ts";
export { stateStoreConformance } from "./state-store-conformance.ts";
