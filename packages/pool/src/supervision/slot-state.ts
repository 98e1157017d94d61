import { startTimer, TimeLimit } from "@snakepit/core";
import type { PoolWorker } from "../calls/call.ts";

/**
 * Why a worker receives no further calls.
 *
 * - `closing`: the pool closes;
 * - `recycled`: a replacement is ready;
 * - `drained`: `drain()` was called; the pool starts another worker in its slot;
 * - `surplus`: the pool has become smaller, and the slot is removed.
 */
export type DrainReason = "closing" | "recycled" | "drained" | "surplus";

/** Why a worker is being stopped. Only a lost one counts as a crash. */
export type StopReason = DrainReason | "lost" | "unresponsive";

/**
 * How the exit of a worker counts: `none` if it was stopped, had answered calls or had run for long; `isolated` if it
 * had received a call, or other workers had answered calls since its start, so that the next worker may run;
 * `systematic` if the next worker will probably fail too.
 */
export type CrashKind = "none" | "isolated" | "systematic";

/** The state of one slot of a pool. Each state contains its data, including its timer. */
export type SlotState =
  /** No process. `retryNow` if the next attempt may start at once, regardless of the state of the pool. */
  | { readonly is: "dead"; readonly failures: number; readonly retryNow: boolean }
  /** No process; the next attempt is delayed because earlier ones failed. */
  | { readonly is: "backoff"; readonly failures: number; readonly timer: NodeJS.Timeout }
  | {
      readonly is: "starting";
      readonly workerId: string;
      /** The number of the version of the code that is started; see `CodeVersion`. */
      readonly version: number;
      /** Consecutive failures before this attempt. */
      readonly failures: number;
      readonly since: number;
      /** Aborts the launch. */
      readonly launch: AbortController;
      readonly limit: TimeLimit;
    }
  | { readonly is: "ready"; readonly worker: PoolWorker; readonly failures: number }
  /** Accepts no new calls; active calls must end within the limit. */
  | {
      readonly is: "draining";
      readonly worker: PoolWorker;
      readonly why: DrainReason;
      readonly limit: TimeLimit;
    }
  | { readonly is: "stopping"; readonly worker: PoolWorker; readonly failures: number; readonly why: StopReason };

/** The events of a slot. */
export type SlotEvent =
  | {
      readonly is: "launch";
      readonly workerId: string;
      readonly version: number;
      readonly launch: AbortController;
      readonly timeoutMs: number;
    }
  | { readonly is: "launched"; readonly worker: PoolWorker }
  | { readonly is: "launch-failed" }
  /** Wait for `delayMs` before the next attempt. */
  | { readonly is: "pause"; readonly delayMs: number }
  | { readonly is: "pause-ended" }
  | { readonly is: "drain"; readonly why: DrainReason; readonly graceMs: number }
  | { readonly is: "stop"; readonly why: StopReason }
  /** The process has exited. */
  | { readonly is: "exited"; readonly crash: CrashKind };

/** The callbacks of the timers of a slot. */
export interface SlotTimers {
  readonly launchOverdue: () => void;
  readonly pauseEnded: () => void;
  readonly graceEnded: () => void;
}

export const VACANT: SlotState = { is: "dead", failures: 0, retryNow: false };
/** Like {@link VACANT}, but the next attempt may start at once. */
export const RETRY_NOW: SlotState = { is: "dead", failures: 0, retryNow: true };

/**
 * Returns the next state. Events of timers and processes may be late: an event that does not apply returns the same
 * object.
 */
export function transition(state: SlotState, event: SlotEvent, timers: SlotTimers): SlotState {
  switch (event.is) {
    case "launch":
      return state.is === "dead" ? starting(state.failures, event, timers) : state;
    case "launched":
      return state.is === "starting" ? { is: "ready", worker: event.worker, failures: state.failures } : state;
    case "launch-failed":
      return state.is === "starting" ? { is: "dead", failures: state.failures + 1, retryNow: false } : state;
    case "pause":
      return state.is === "dead" ? backoff(state.failures, event.delayMs, timers) : state;
    case "pause-ended":
      return state.is === "backoff" ? { is: "dead", failures: state.failures, retryNow: true } : state;
    case "drain":
      return drained(state, event, timers);
    case "stop":
      return stopped(state, event.why);
    case "exited":
      return exited(state, event.crash);
    default:
      return event satisfies never;
  }
}

/** Stops the timer of a state that ends. */
export function leave(state: SlotState): void {
  if ("timer" in state) clearTimeout(state.timer);
  if ("limit" in state) state.limit.cancel();
}

function starting(failures: number, event: SlotEvent & { readonly is: "launch" }, timers: SlotTimers): SlotState {
  const { workerId, version, launch, timeoutMs } = event;
  const limit = new TimeLimit(timeoutMs, timers.launchOverdue);
  return { is: "starting", workerId, version, failures, since: performance.now(), launch, limit };
}

function backoff(failures: number, delayMs: number, timers: SlotTimers): SlotState {
  return { is: "backoff", failures, timer: startTimer(timers.pauseEnded, delayMs) };
}

/** The time limit of a draining worker can only be shortened. */
function drained(state: SlotState, event: SlotEvent & { readonly is: "drain" }, timers: SlotTimers): SlotState {
  const { why, graceMs } = event;
  if (state.is !== "ready" && state.is !== "draining") return state;
  if (state.is === "draining" && state.limit.remainingMs <= graceMs) return state;
  return { is: "draining", worker: state.worker, why, limit: new TimeLimit(graceMs, timers.graceEnded) };
}

function stopped(state: SlotState, why: StopReason): SlotState {
  switch (state.is) {
    case "starting":
    case "backoff":
      return { is: "dead", failures: state.failures, retryNow: true };
    case "ready":
      return { is: "stopping", worker: state.worker, failures: state.failures, why };
    case "draining":
      return { is: "stopping", worker: state.worker, failures: 0, why };
    case "stopping":
    case "dead":
      return state;
    default:
      return state satisfies never;
  }
}

function exited(state: SlotState, crash: CrashKind): SlotState {
  switch (state.is) {
    case "ready":
    case "stopping":
      if (crash === "none") return RETRY_NOW;
      return { is: "dead", failures: crash === "isolated" ? 1 : state.failures + 1, retryNow: false };
    case "draining":
      return VACANT;
    case "starting":
    case "backoff":
    case "dead":
      return state;
    default:
      return state satisfies never;
  }
}
