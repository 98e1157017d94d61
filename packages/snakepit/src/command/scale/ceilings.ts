import type { LimitedResource, SystemLimits } from "../system/system-limits.ts";
import type { WorkerMeasurement } from "./measure-workers.ts";

/** How many workers a resource allows. */
export interface Ceiling {
  readonly resource: "open files" | "processes of the user" | "processes of the container" | "memory";
  /** What is available for workers, in the unit of the resource. */
  readonly available: number;
  /** What one worker needs. */
  readonly perWorker: number;
  readonly workers: number;
  /** What defines the limit, and the setting that raises it. */
  readonly remedy: string;
}

/** The result of a measurement. */
export interface Scale {
  readonly measurement: WorkerMeasurement;
  readonly processors: number;
  /** The ceilings of the limited resources, the lowest first. */
  readonly ceilings: readonly Ceiling[];
}

/** The largest number of workers of a pool. */
export const MAX_WORKERS = 10_000;
/** Descriptors that starting and ending workers use temporarily. */
const SPARE_FILES = 32;
/** Threads that Node.js starts on demand. */
const SPARE_THREADS = 4;
/** The part of the available memory that workers may use: their calls need memory, too. */
const USABLE_MEMORY = 0.8;

/** Computes how many workers the limits allow, the lowest number first. */
export function computeScale(limits: SystemLimits, measurement: WorkerMeasurement): Scale {
  const { openFiles, userProcesses, groupProcesses, processors } = limits;
  const { files, hostFiles, hostThreads, threads } = measurement;
  const ceilings: Ceiling[] = [];
  if (openFiles !== undefined) {
    const available = openFiles - hostFiles - SPARE_FILES;
    const remedy = "ulimit -n, LimitNOFILE of its systemd unit, --ulimit nofile of Docker";
    ceilings.push(ceiling("open files", available, files, remedy));
  }
  if (threads !== undefined) {
    const availableThreads = ({ limit, used }: LimitedResource) => limit - used - hostThreads - SPARE_THREADS;
    if (userProcesses !== undefined) {
      const remedy = "ulimit -u, LimitNPROC of its systemd unit";
      ceilings.push(ceiling("processes of the user", availableThreads(userProcesses), threads, remedy));
    }
    if (groupProcesses !== undefined) {
      const remedy = `TasksMax of its systemd unit, --pids-limit of Docker (${groupProcesses.source})`;
      ceilings.push(ceiling("processes of the container", availableThreads(groupProcesses), threads, remedy));
    }
  }
  if (measurement.memory !== undefined) ceilings.push(memoryCeiling(limits, measurement.memory));
  return { measurement, processors, ceilings: ceilings.toSorted((first, second) => first.workers - second.workers) };
}

function memoryCeiling({ freeMemory, groupMemory }: SystemLimits, perWorker: number): Ceiling {
  const group = groupMemory === undefined ? Number.POSITIVE_INFINITY : groupMemory.limit - groupMemory.used;
  const remedy =
    group < freeMemory && groupMemory !== undefined
      ? `MemoryMax of its systemd unit, --memory of Docker (${groupMemory.source})`
      : "memory of the machine";
  return ceiling("memory", Math.min(group, freeMemory) * USABLE_MEMORY, perWorker, remedy);
}

function ceiling(resource: Ceiling["resource"], available: number, perWorker: number, remedy: string): Ceiling {
  const workers = Math.min(MAX_WORKERS, Math.max(0, Math.floor(available / perWorker)));
  return { resource, available: Math.max(0, available), perWorker, workers, remedy };
}
