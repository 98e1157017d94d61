export {
  creditedStreamConformance,
  type StreamBench,
  type StreamCase,
  type StreamScript,
  type StreamUnderTest,
} from "./credited-stream-conformance.ts";
export { FakeClock } from "./fake-clock.ts";
export type { StateStoreBench, StateStoreCase } from "./state-store-case.ts";
export { stateStoreConformance } from "./state-store-conformance.ts";
