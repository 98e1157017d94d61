import {
  type CollectedStacks,
  type PoolDebugState,
  type PoolQueue,
  type PoolState,
  remainingMs,
  SnakepitError,
  type StacksOptions,
  type WorkerCallInfo,
  type WorkerRuntime,
} from "@snakepit/core";
import type { Call, PoolWorker } from "./calls/call.ts";
import { unknownWorker } from "./lifecycle/recycler.ts";
import type { WorkerInfo } from "./pool-stats.ts";
import type { Scheduler } from "./scheduling/scheduler.ts";
import type { Roster } from "./supervision/roster.ts";
import type { SlotState } from "./supervision/slot-state.ts";

/** What a pool does at one moment. */
export interface PoolObservation {
  readonly queue: PoolQueue;
  /** The running workers, oldest slot first. */
  readonly workers: readonly ObservedWorker[];
}

/** A running worker with its calls. */
export interface ObservedWorker extends WorkerInfo {
  /** See `WorkerVitals`. */
  readonly cpuMs: number | undefined;
  readonly cpuLoad: number | undefined;
  readonly threads: number | undefined;
  readonly runtime: WorkerRuntime | undefined;
  /** The active calls, oldest first, then those that were sent ahead. */
  readonly calls: readonly WorkerCallInfo[];
  /** Milliseconds in which it has executed calls: those that it has answered, and the active ones until now. */
  readonly executedMs: number;
  /** Calls that waited in a queue before this worker took them, and for how many milliseconds. */
  readonly waited: number;
  readonly waitedMs: number;
}

/** Entries of {@link debugPool} for sessions. */
const MAX_AFFINITIES = 1_000;

/** Returns what a pool does. */
export function observePool(scheduler: Scheduler, roster: Roster, queueLimit: number): PoolObservation {
  const now = performance.now();
  const running = roster.alive();
  // In the same order.
  const workers = roster.workers().flatMap((info, index) => {
    const worker = running[index];
    return worker === undefined ? [] : observed(worker, info, now);
  });
  let oldestAt = now;
  for (const { queuedAt } of scheduler.waiting) if (queuedAt > 0 && queuedAt < oldestAt) oldestAt = queuedAt;
  return { queue: { length: scheduler.queued, limit: queueLimit, oldestMs: now - oldestAt }, workers };
}

function observed(worker: PoolWorker, info: WorkerInfo, now: number): ObservedWorker {
  const { vitals, runtime } = worker.handle;
  let executedMs = worker.executedMs;
  const calls: WorkerCallInfo[] = [];
  for (const call of worker.active) {
    executedMs += now - call.beganAt;
    calls.push(callInfo(call, call.state.is === "running" ? "running" : "cancelling", call.beganAt, now));
  }
  for (const call of worker.ahead) calls.push(callInfo(call, "ahead", call.queuedAt, now));
  const { waited, waitedMs } = worker;
  const { cpuMs, cpuLoad, threads } = vitals ?? {};
  return { ...info, cpuMs, cpuLoad, threads, runtime, calls, executedMs, waited, waitedMs };
}

function callInfo(call: Call, state: WorkerCallInfo["state"], since: number, now: number): WorkerCallInfo {
  const { tool, correlationId, sessionId, streaming, deadline, parent, queuedAt } = call;
  return {
    tool,
    correlationId,
    sessionId,
    streaming,
    state,
    since: Math.round(performance.timeOrigin + since),
    durationMs: now - since,
    queueMs: queuedAt === 0 ? 0 : (state === "ahead" ? now : call.beganAt) - queuedAt,
    remainingMs: Number.isFinite(deadline) ? remainingMs(deadline) : undefined,
    parentCorrelationId: parent?.correlationId,
  };
}

/** Returns the internal state of a pool. */
export function debugPool(state: PoolState, scheduler: Scheduler, roster: Roster): PoolDebugState {
  return {
    state,
    slots: roster.slots.map(({ state: slot, version }) => ({ ...debugSlot(slot), version: version?.number ?? 0 })),
    queued: scheduler.listQueued().map((call) => ({ ...call, parent: call.parent?.correlationId })),
    affinities: scheduler.sessions.lastWorkers(MAX_AFFINITIES),
  };
}

function debugSlot(slot: SlotState): Record<string, unknown> {
  const now = performance.now();
  switch (slot.is) {
    case "dead":
      return { is: slot.is, failures: slot.failures, retryNow: slot.retryNow };
    case "backoff":
      return { is: slot.is, failures: slot.failures };
    case "starting":
      return { is: slot.is, workerId: slot.workerId, failures: slot.failures, sinceMs: now - slot.since };
    case "ready":
      return { is: slot.is, ...debugWorker(slot.worker), failures: slot.failures };
    case "draining":
      return { is: slot.is, ...debugWorker(slot.worker), why: slot.why, remainingMs: slot.limit.remainingMs };
    case "stopping":
      return { is: slot.is, ...debugWorker(slot.worker), why: slot.why, failures: slot.failures };
    default:
      return slot satisfies never;
  }
}

function debugWorker(worker: PoolWorker): Record<string, unknown> {
  const { handle, active, ahead, waiting, expectedMs, standing, accepting, unresponsive } = worker;
  return {
    workerId: handle.workerId,
    pid: handle.pid,
    active: active.length,
    ahead: ahead.length,
    waiting: waiting.length,
    unresponsive: unresponsive.size,
    expectedMs,
    standing,
    accepting,
  };
}

/** Reads the stacks of a worker; see `WorkerPool.readStacks`. */
export function readWorkerStacks(
  pool: string,
  roster: Roster,
  workerId: string,
  options: StacksOptions,
): Promise<CollectedStacks> {
  const handle = roster.slotOf(workerId)?.worker?.handle;
  if (handle === undefined) return Promise.reject(unknownWorker(pool, workerId));
  if (handle.readStacks !== undefined) return handle.readStacks(options);
  const message = `worker "${workerId}" of pool "${pool}" is of a kind without stacks`;
  return Promise.reject(new SnakepitError("INVALID_ARGUMENT", message, { pool, workerId }));
}
