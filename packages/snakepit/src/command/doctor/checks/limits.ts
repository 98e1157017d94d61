import type { LimitedResource, SystemLimits } from "../../system/system-limits.ts";
import type { CheckResult, Finding, Severity } from "../finding.ts";

/** The number of workers that a host needs. */
export interface Demand {
  readonly workers: number;
  /** Whether that number was asked for. */
  readonly isGiven: boolean;
  /** The default size of a pool on this machine: fewer workers than that are always an error. */
  readonly defaultSize: number;
}

/** Descriptors of a host without workers, and those that starting and ending workers use temporarily. */
const HOST_FILES = 64;
/** Descriptors of a host for each worker: its connection, its pipe of start permits, its file of unsent answers. */
const FILES_PER_WORKER = 3;
/** Threads of the host, including those that Node.js starts on demand, and the zygote. */
const HOST_THREADS = 16;
/** The main thread and the receiver thread; libraries may start more. */
const THREADS_PER_WORKER = 2;
/** Memory of the host and its zygote in bytes. */
const HOST_MEMORY = 150e6;
/** Memory of a forked worker without libraries in bytes, rounded up. */
const MEMORY_PER_WORKER = 6e6;

/** The facts where there is no limit, or where the system does not report it, as macOS for processes. */
const NO_LIMIT = "no limit was found";

/** Checks whether the limit of open files allows the workers. */
export function checkOpenFiles({ openFiles }: Pick<SystemLimits, "openFiles">, demand: Demand): CheckResult {
  if (openFiles === undefined) return { facts: NO_LIMIT, findings: [] };
  const allowed = workersWithin(openFiles - HOST_FILES, FILES_PER_WORKER);
  const needed = HOST_FILES + FILES_PER_WORKER * demand.workers;
  return resultOf(`${openFiles} allowed`, allowed, demand, {
    problem: `the limit of open files, ${openFiles}, allows about ${allowed} workers; ${demand.workers} need ${needed}`,
    reason: "Further workers cannot connect to the host",
    remedy: `ulimit -n ${needed} in the shell that starts the host, LimitNOFILE=${needed} in its systemd unit, or --ulimit nofile=${needed} of Docker`,
  });
}

/** Checks whether the limits of processes and threads allow the workers. */
export function checkProcesses(
  { userProcesses, groupProcesses }: Pick<SystemLimits, "userProcesses" | "groupProcesses">,
  demand: Demand,
): CheckResult {
  const needed = HOST_THREADS + THREADS_PER_WORKER * demand.workers;
  const results = [userProcesses, groupProcesses].flatMap((resource) => {
    if (resource === undefined) return [];
    const { limit, used, source } = resource;
    const allowed = workersWithin(limit - used - HOST_THREADS, THREADS_PER_WORKER);
    const isUser = resource === userProcesses;
    const remedy = isUser
      ? `ulimit -u ${used + needed} in the shell that starts the host, or LimitNPROC=${used + needed} in its systemd unit`
      : `TasksMax=${used + needed} in its systemd unit, or --pids-limit ${used + needed} of Docker`;
    const owner = isUser ? "this user" : "the control group";
    return [
      resultOf(`${limit} allowed, ${used} used (${source})`, allowed, demand, {
        problem: `the limit of processes and threads of ${owner}, ${limit} (${source}) with ${used} in use, allows about ${allowed} workers; ${demand.workers} need ${needed}`,
        reason: "Further workers, and threads of their libraries, cannot be started",
        remedy,
      }),
    ];
  });
  if (results.length === 0) return { facts: NO_LIMIT, findings: [] };
  return {
    facts: results.map(({ facts }) => facts).join("; "),
    findings: results.flatMap(({ findings }) => findings),
  };
}

/**
 * Checks whether the memory suffices for the workers.
 *
 * @param measured the memory of a worker of the user in bytes; `undefined` if none was started.
 */
export function checkMemory(
  { freeMemory, groupMemory }: Pick<SystemLimits, "freeMemory" | "groupMemory">,
  demand: Demand,
  measured: number | undefined,
): CheckResult {
  const perWorker = measured ?? MEMORY_PER_WORKER;
  const group = groupMemory === undefined ? undefined : groupMemory.limit - groupMemory.used;
  const isGroup = group !== undefined && group < freeMemory;
  const available = isGroup ? group : freeMemory;
  const allowed = workersWithin(available - HOST_MEMORY, perWorker);
  const needed = HOST_MEMORY + perWorker * demand.workers;
  const source = isGroup && groupMemory !== undefined ? describeGroup(groupMemory) : "of the machine";
  const each = `${megabytes(perWorker)} for each worker, ${measured === undefined ? "without libraries" : "measured"}`;
  const remedy = isGroup
    ? `MemoryMax=${Math.ceil(needed / 1e6)}M in its systemd unit, --memory ${Math.ceil(needed / 1e6)}m of Docker, or fewer workers (size)`
    : "add memory, end other programs, or start fewer workers (size)";
  return resultOf(`${megabytes(available)} available ${source}; ${each}`, allowed, demand, {
    problem: `the available memory, ${megabytes(available)} ${source}, is enough for about ${allowed} workers; ${demand.workers} need ${megabytes(needed)} (${each})`,
    reason: "The system ends processes when memory runs out",
    remedy,
  });
}

function describeGroup({ source }: LimitedResource): string {
  return `in the control group (${source})`;
}

function resultOf(
  facts: string,
  allowed: number,
  demand: Demand,
  finding: Omit<Finding, "severity" | "repair">,
): CheckResult {
  if (allowed >= demand.workers) return { facts, findings: [] };
  return { facts, findings: [{ severity: severityOf(allowed, demand), ...finding }] };
}

function severityOf(allowed: number, { isGiven, defaultSize }: Demand): Severity {
  return isGiven || allowed < defaultSize ? "error" : "warning";
}

function workersWithin(available: number, each: number): number {
  return Math.max(0, Math.floor(available / each));
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
