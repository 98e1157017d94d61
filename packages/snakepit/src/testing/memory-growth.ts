import { setImmediate } from "node:timers/promises";
import { collectGarbage } from "./processes.ts";

/** Bytes that a host and its workers have in use. */
export interface MemoryInUse {
  readonly host: number;
  readonly workers: number;
}

/** The measurements at most. */
const ATTEMPTS = 3;

/** Returns the bytes in use in the heap of this process, after a garbage collection. */
export async function hostMemory(): Promise<number> {
  // Finalizers run in a later turn of the event loop.
  for (let round = 0; round < 2; round++) {
    collectGarbage();
    await setImmediate();
  }
  return process.memoryUsage().heapUsed;
}

/**
 * Returns by how many bytes the memory in use grows from before `use` to after it. If it grows by `limit` bytes or
 * more, `use` is measured again, at most twice: memory that is retained grows each time, but an object that is created
 * once and then kept does not.
 */
export async function memoryGrowth(
  memory: () => Promise<MemoryInUse>,
  use: () => Promise<void>,
  limit: number,
): Promise<MemoryInUse> {
  for (let attempt = 1; ; attempt++) {
    const before = await memory();
    await use();
    const after = await memory();
    const growth = { host: after.host - before.host, workers: after.workers - before.workers };
    if (attempt === ATTEMPTS || (growth.host < limit && growth.workers < limit)) return growth;
  }
}
