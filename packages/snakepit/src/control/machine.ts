import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import type { MachineFacts } from "@snakepit/core";

/** Returns what the machine, or the container of this process, has. */
export function machineFacts(): MachineFacts {
  const [loadAverage] = loadavg();
  // The limit of the control group; 0 or a very large number without one.
  const limit = process.constrainedMemory();
  const isLimited = limit > 0 && limit < totalmem();
  return {
    cores: availableParallelism(),
    // Always 0 on systems that do not measure it.
    ...(loadAverage !== undefined && loadAverage > 0 && { loadAverage }),
    memoryBytes: isLimited ? limit : totalmem(),
    availableMemoryBytes: isLimited ? process.availableMemory() : freemem(),
  };
}

/** Measures the processor load of this process: the time since the previous call. */
export class ProcessLoad {
  #before = process.cpuUsage();
  #at = performance.now();
  #last = 0;

  /** Returns the processor time per time (1 is one core) since the previous call that was long enough ago. */
  measure(): number {
    const now = performance.now();
    if (now - this.#at < 100) return this.#last;
    const { user, system } = process.cpuUsage(this.#before);
    this.#last = (user + system) / 1_000 / (now - this.#at);
    this.#before = process.cpuUsage();
    this.#at = now;
    return this.#last;
  }
}
