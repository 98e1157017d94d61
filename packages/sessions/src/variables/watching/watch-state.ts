import type { Unsubscribe } from "@snakepit/core";

export type WatchState =
  /** No change has been asked for. */
  | { readonly is: "idle" }
  /** Changes are listened to; the session is being read. */
  | { readonly is: "opening"; readonly stop: Unsubscribe }
  | {
      readonly is: "watching";
      readonly stop: Unsubscribe;
      /** When the session was created: another one with its id is another session. */
      readonly createdAt: number;
    }
  | { readonly is: "over" };

export type WatchEvent =
  /** The first change was asked for. `stop` ends the listening. */
  | { readonly is: "opened"; readonly stop: Unsubscribe }
  | { readonly is: "session-read"; readonly createdAt: number }
  /** The consumer left, the session ended, the host closed, or the watch failed. */
  | { readonly is: "ended" };

const OVER: WatchState = { is: "over" };

/** The only function that changes the state of a watch; the same object when the event does not apply. */
export function transition(state: WatchState, event: WatchEvent): WatchState {
  switch (event.is) {
    case "opened":
      return state.is === "idle" ? { is: "opening", stop: event.stop } : state;
    case "session-read":
      return state.is === "opening" ? { is: "watching", stop: state.stop, createdAt: event.createdAt } : state;
    case "ended":
      return state.is === "over" ? state : OVER;
    default:
      return event satisfies never;
  }
}
