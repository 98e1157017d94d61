export {
  creditedStreamConformance,
  type StreamBench,
  type StreamCase,
  type StreamScript,
  type StreamUnderTest,
} from "./credited-stream-conformance.ts";
export { FakeClock, type StateStoreBench, type StateStoreCase } from "./state-store-case.ts";
export { stateStoreConformance } from "./state-store-conformance.ts";
