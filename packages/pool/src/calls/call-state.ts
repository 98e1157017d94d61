import type { SnakepitError } from "@snakepit/core";

/** Where a call is on its way. */
export type CallState =
  /** Not admitted. */
  | { readonly is: "new" }
  /** A call of a batch that waits for a place in the queue. */
  | { readonly is: "outside" }
  /** In a queue. */
  | { readonly is: "queued" }
  /** A worker has it, and the caller waits. */
  | { readonly is: "running" }
  /** A worker has it and was asked where the tool is; the caller waits for `error`, which will say so. */
  | { readonly is: "overdue"; readonly error: SnakepitError }
  /** A worker still has it, but the caller has its answer. */
  | { readonly is: "abandoned" }
  /** Over. */
  | { readonly is: "settled" };

export type CallEvent =
  /** It was refused. */
  | { readonly is: "refused" }
  /** It waits for a place in the queue. */
  | { readonly is: "waits-outside" }
  /** It got a place in a queue. */
  | { readonly is: "enqueued" }
  /** A worker got it. */
  | { readonly is: "dispatched" }
  /** Its deadline passed while a worker had it. */
  | { readonly is: "timed-out"; readonly error: SnakepitError }
  /** The caller has its answer, before the worker was done with the call. */
  | { readonly is: "given-up" }
  /** The worker is done with it, or gone. */
  | { readonly is: "ended" };

/** The state in which every call begins. */
export const NEW: CallState = { is: "new" };

// One object each: a call that ends in time allocates nothing for its states.
const OUTSIDE: CallState = { is: "outside" };
const QUEUED: CallState = { is: "queued" };
const RUNNING: CallState = { is: "running" };
const ABANDONED: CallState = { is: "abandoned" };
const SETTLED: CallState = { is: "settled" };

export const REFUSED: CallEvent = { is: "refused" };
export const WAITS_OUTSIDE: CallEvent = { is: "waits-outside" };
export const ENQUEUED: CallEvent = { is: "enqueued" };
export const DISPATCHED: CallEvent = { is: "dispatched" };
export const GIVEN_UP: CallEvent = { is: "given-up" };
export const ENDED: CallEvent = { is: "ended" };

/** The only function that changes the state of a call; the same object when the event does not apply. */
export function transition(state: CallState, event: CallEvent): CallState {
  switch (state.is) {
    case "new":
      return fromNew(state, event);
    case "outside":
    case "queued":
      return fromQueue(state, event);
    case "running":
    case "overdue":
    case "abandoned":
      return fromWorker(state, event);
    case "settled":
      return state;
    default:
      return state satisfies never;
  }
}

function fromNew(state: CallState, event: CallEvent): CallState {
  switch (event.is) {
    case "refused":
      return SETTLED;
    case "waits-outside":
      return OUTSIDE;
    case "enqueued":
      return QUEUED;
    case "dispatched":
      return RUNNING;
    case "timed-out":
    case "given-up":
    case "ended":
      return state;
    default:
      return event satisfies never;
  }
}

function fromQueue(state: CallState, event: CallEvent): CallState {
  switch (event.is) {
    case "enqueued":
      return QUEUED;
    case "dispatched":
      return RUNNING;
    case "given-up":
      return SETTLED;
    case "refused":
    case "waits-outside":
    case "timed-out":
    case "ended":
      return state;
    default:
      return event satisfies never;
  }
}

function fromWorker(state: CallState, event: CallEvent): CallState {
  switch (event.is) {
    case "timed-out":
      return state.is === "running" ? { is: "overdue", error: event.error } : state;
    case "given-up":
      return ABANDONED;
    case "ended":
      return SETTLED;
    case "refused":
    case "waits-outside":
    case "enqueued":
    case "dispatched":
      return state;
    default:
      return event satisfies never;
  }
}
