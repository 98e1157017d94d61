import type { Heartbeat } from "@snakepit/bridge-proto";
import type { Instrumentation, WorkerVitals } from "@snakepit/core";
import type { WorkerFacts } from "./worker-facts.ts";

/** The worker that has sent a heartbeat. */
interface Sender {
  readonly pool: string;
  readonly facts: WorkerFacts;
}

/** Returns the content of a heartbeat that has arrived now, and emits its event. */
export function readHeartbeat(
  { rssBytes, active, lastProgressMs }: Heartbeat,
  { pool, facts }: Sender,
  instrumentation: Instrumentation,
): WorkerVitals {
  if (instrumentation.listens?.["python.memory"] === true) {
    instrumentation.emit("python.memory", { pool, workerId: facts.workerId, rssBytes, active });
  }
  return { rssBytes, active, lastProgressMs, receivedAt: performance.now() };
}
