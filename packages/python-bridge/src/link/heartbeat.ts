import type { Heartbeat } from "@snakepit/bridge-proto";
import type { Instrumentation, WorkerVitals } from "@snakepit/core";

/** The worker that has sent a heartbeat. */
interface Sender {
  readonly pool: string;
  readonly workerId: string;
}

/**
 * Returns the content of a heartbeat that has arrived now, and emits its event.
 *
 * @param before the previous one: the processor load is that of the time in between.
 */
export function readHeartbeat(
  heartbeat: Heartbeat,
  { pool, workerId }: Sender,
  before: WorkerVitals | undefined,
  instrumentation: Instrumentation,
): WorkerVitals {
  const { rssBytes, active, lastProgressMs, cpuMs, threads } = heartbeat;
  const receivedAt = performance.now();
  if (instrumentation.listens?.["python.memory"] === true) {
    instrumentation.emit("python.memory", { pool, workerId, rssBytes, active });
  }
  const cpuLoad = before?.cpuMs === undefined ? undefined : (cpuMs - before.cpuMs) / (receivedAt - before.receivedAt);
  return {
    rssBytes,
    active,
    lastProgressMs,
    receivedAt,
    ...(cpuMs > 0 && { cpuMs }),
    ...(cpuLoad !== undefined && { cpuLoad: Math.max(0, cpuLoad) }),
    ...(threads > 0 && { threads }),
  };
}
