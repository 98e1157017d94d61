import type { Heartbeat } from "@snakepit/bridge-proto";
import type { Instrumentation, WorkerVitals } from "@snakepit/core";

/** The worker that has sent a heartbeat. */
interface Sender {
  readonly pool: string;
  readonly workerId: string;
}

/** Returns the content of a heartbeat that has arrived now, and emits its event. */
export function readHeartbeat(
  { rssBytes, active, lastProgressMs }: Heartbeat,
  { pool, workerId }: Sender,
  instrumentation: Instrumentation,
): WorkerVitals {
  if (instrumentation.listens?.["python.memory"] === true) {
    instrumentation.emit("python.memory", { pool, workerId, rssBytes, active });
  }
  return { rssBytes, active, lastProgressMs, receivedAt: performance.now() };
}
