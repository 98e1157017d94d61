import type { ProcessIdentity } from "@snakepit/core";
import { processStartTime } from "./process-start-time.ts";

/** Whether the process of this identity is alive: its pid is in use, and by nobody else. */
export function isSameProcess(identity: ProcessIdentity): boolean {
  return processStartTime(identity.pid) === identity.startTime;
}
