import type { Unsubscribe } from "@snakepit/core";

export type WatchState =
  /** No change has been requested. */
  | { readonly is: "idle" }
  /** The watch is subscribed to changes; the session is being read. */
  | { readonly is: "opening"; readonly stop: Unsubscribe }
  | {
      readonly is: "watching";
      readonly stop: Unsubscribe;
      /** The creation time of the session, which distinguishes it from a later session with the same ID. */
      readonly createdAt: number;
    }
  | { readonly is: "ended" };

export type WatchEvent =
  /** The first change was requested. `stop` unsubscribes. */
  | { readonly is: "opened"; readonly stop: Unsubscribe }
  | { readonly is: "session-read"; readonly createdAt: number }
  /** The consumer left, the session ended, the host closed, or the watch failed. */
  | { readonly is: "ended" };

const ENDED: WatchState = { is: "ended" };

/** Returns the next state of a watch; the same object if the event does not apply. */
export function transition(state: WatchState, event: WatchEvent): WatchState {
  switch (event.is) {
    case "opened":
      return state.is === "idle" ? { is: "opening", stop: event.stop } : state;
    case "session-read":
      return state.is === "opening" ? { is: "watching", stop: state.stop, createdAt: event.createdAt } : state;
    case "ended":
      return state.is === "ended" ? state : ENDED;
    default:
      return event satisfies never;
  }
}
