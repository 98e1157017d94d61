import { Store } from "./store.ts";

/** The views, in the order of the navigation. */
export const VIEWS = ["overview", "workers", "calls", "errors", "sessions", "events", "configuration"] as const;

export type ViewName = (typeof VIEWS)[number];

/** A view, and what it shows: the rest of the address. */
export interface Route {
  readonly view: ViewName;
  readonly subject?: string | undefined;
}

export const route = new Store<Route>(routeOf(location.hash));

addEventListener("hashchange", () => route.set(routeOf(location.hash)));

/** Returns the address of a view. */
export function addressOf(view: ViewName, subject?: string): string {
  return subject === undefined ? `#/${view}` : `#/${view}/${encodeURIComponent(subject)}`;
}

function routeOf(hash: string): Route {
  const [, name = "", subject] = hash.split("/");
  const view = VIEWS.find((each) => each === name) ?? "overview";
  return subject === undefined || subject === "" ? { view } : { view, subject: decoded(subject) };
}

/** Decodes a part of an address, which a person may have written: an invalid sequence stays as it is. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
