import type { SnakepitError } from "@snakepit/core";

/** The state of a call. */
export type CallState =
  /** Not admitted. */
  | { readonly is: "new" }
  /** A call of a batch that waits for room in the queue. */
  | { readonly is: "outside" }
  /** Waits until fewer calls of its tool run. */
  | { readonly is: "throttled" }
  /** In a queue. */
  | { readonly is: "queued" }
  /** Sent to a worker that executes an earlier call; can still be recalled. */
  | { readonly is: "ahead" }
  /** Assigned to a worker; the caller waits. */
  | { readonly is: "running" }
  /** The worker was asked for the stack of the tool; the caller waits for `error`, which will contain it. */
  | { readonly is: "overdue"; readonly error: SnakepitError }
  /** Still assigned to a worker, but the caller has received its answer. */
  | { readonly is: "abandoned" }
  /** The call has ended. */
  | { readonly is: "settled" };

export type CallEvent =
  /** The call was rejected. */
  | { readonly is: "rejected" }
  /** The call waits for room in the queue. */
  | { readonly is: "waits-outside" }
  /** The call waits until fewer calls of its tool run. */
  | { readonly is: "throttled" }
  /** The call entered a queue. */
  | { readonly is: "enqueued" }
  /** The call was sent to a worker ahead of its start. */
  | { readonly is: "sent-ahead" }
  /** The call was taken back from a worker that had not started it. */
  | { readonly is: "recalled" }
  /** The call was assigned to a worker, or it is now the turn of a call that was sent ahead. */
  | { readonly is: "dispatched" }
  /** The deadline passed while the call was running. */
  | { readonly is: "timed-out"; readonly error: SnakepitError }
  /** The caller received its answer before the worker finished the call. */
  | { readonly is: "given-up" }
  /** The worker finished the call or died. */
  | { readonly is: "ended" };

/** The initial state of every call. */
export const NEW: CallState = { is: "new" };

// Shared objects: a call that ends in time allocates nothing for its states.
const OUTSIDE: CallState = { is: "outside" };
const HELD_BACK: CallState = { is: "throttled" };
const QUEUED: CallState = { is: "queued" };
const AHEAD: CallState = { is: "ahead" };
const RUNNING: CallState = { is: "running" };
const ABANDONED: CallState = { is: "abandoned" };
const SETTLED: CallState = { is: "settled" };

export const REJECTED: CallEvent = { is: "rejected" };
export const WAITS_OUTSIDE: CallEvent = { is: "waits-outside" };
export const THROTTLED: CallEvent = { is: "throttled" };
export const ENQUEUED: CallEvent = { is: "enqueued" };
export const SENT_AHEAD: CallEvent = { is: "sent-ahead" };
export const RECALLED: CallEvent = { is: "recalled" };
export const DISPATCHED: CallEvent = { is: "dispatched" };
export const GIVEN_UP: CallEvent = { is: "given-up" };
export const ENDED: CallEvent = { is: "ended" };

/** Returns the next state of a call; the same object if the event does not apply. */
export function transition(state: CallState, event: CallEvent): CallState {
  switch (state.is) {
    case "new":
      return fromNew(state, event);
    case "outside":
    case "throttled":
    case "queued":
      return fromQueue(state, event);
    case "ahead":
      return fromAhead(state, event);
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
    case "rejected":
      return SETTLED;
    case "waits-outside":
      return OUTSIDE;
    case "throttled":
      return HELD_BACK;
    case "enqueued":
      return QUEUED;
    case "sent-ahead":
      return AHEAD;
    case "dispatched":
      return RUNNING;
    case "recalled":
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
    case "waits-outside":
      return state.is === "throttled" ? OUTSIDE : state;
    case "throttled":
      return HELD_BACK;
    case "enqueued":
      return QUEUED;
    case "sent-ahead":
      return AHEAD;
    case "dispatched":
      return RUNNING;
    case "given-up":
      return SETTLED;
    case "rejected":
    case "recalled":
    case "timed-out":
    case "ended":
      return state;
    default:
      return event satisfies never;
  }
}

function fromAhead(state: CallState, event: CallEvent): CallState {
  switch (event.is) {
    case "recalled":
      return QUEUED;
    case "dispatched":
      return RUNNING;
    case "rejected":
    case "waits-outside":
    case "throttled":
    case "enqueued":
    case "sent-ahead":
    case "timed-out":
    case "given-up":
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
    case "recalled":
      return state.is === "running" ? QUEUED : state;
    case "rejected":
    case "waits-outside":
    case "throttled":
    case "enqueued":
    case "sent-ahead":
    case "dispatched":
      return state;
    default:
      return event satisfies never;
  }
}
