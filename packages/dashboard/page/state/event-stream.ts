import type { HostEventItem } from "@snakepit/core";

/** An event with what the list shows of it. */
export interface ShownEvent {
  readonly key: string;
  readonly item: HostEventItem;
  readonly summary: string;
  /** The text that the filter searches, in lower case. */
  readonly searched: string;
}

/** Events that are kept. */
const MOST_EVENTS = 1_000;

const SUMMARY_CHARACTERS = 300;

let received = 0;

/**
 * Adds the events of the host to a list, the newest first. Returns a function that ends the connection.
 *
 * @param names patterns, separated by commas; empty for all events.
 */
export function followEvents(
  names: string,
  update: (change: (before: readonly ShownEvent[]) => readonly ShownEvent[]) => void,
): () => void {
  const source = new EventSource(`/api/events${names === "" ? "" : `?names=${encodeURIComponent(names)}`}`);
  source.addEventListener("events", ({ data }: MessageEvent<string>) => {
    const items = JSON.parse(data) as readonly HostEventItem[];
    if (items.length === 0) return;
    const added = items.map(shownEvent).reverse();
    update((before) => [...added, ...before].slice(0, MOST_EVENTS));
  });
  return () => source.close();
}

function shownEvent(item: HostEventItem): ShownEvent {
  received += 1;
  if (item.is === "dropped") return { key: String(received), item, summary: "", searched: "" };
  const summary = Object.entries(item.fields)
    .map(([name, value]) => `${name}: ${shortened(value)}`)
    .join("   ")
    .slice(0, SUMMARY_CHARACTERS);
  return { key: String(received), item, summary, searched: `${item.name} ${summary}`.toLowerCase() };
}

function shortened(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if ("code" in value && "message" in value) return `${String(value.code)} ${String(value.message)}`;
  return JSON.stringify(value);
}
