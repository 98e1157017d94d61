import type { Heartbeat } from "@snakepit/bridge-proto";
import type { WorkerVitals } from "@snakepit/core";

/**
 * Converts a heartbeat that has just arrived.
 *
 * @param before the previous one: the processor load is that of the time in between.
 */
export function vitalsOf(heartbeat: Heartbeat, before: WorkerVitals | undefined): WorkerVitals {
  const { rssBytes, active, lastProgressMs, cpuMs, threads } = heartbeat;
  const receivedAt = performance.now();
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
