import { CALL_EVENTS } from "./catalogue/call-events.ts";
import { HOST_EVENTS } from "./catalogue/host-events.ts";
import { POOL_EVENTS } from "./catalogue/pool-events.ts";
import { PYTHON_EVENTS } from "./catalogue/python-events.ts";
import { SESSION_EVENTS } from "./catalogue/session-events.ts";
import { WORKER_EVENTS } from "./catalogue/worker-events.ts";
import type { EventDefinition, EventTable } from "./event-definition.ts";
import type { EventName } from "./gen/event-types.ts";

/**
 * The events of a host, by name. This table is the contract: the types of events and `docs/events.md` are generated
 * from it, the names of metrics follow from it, and a test checks that each event and field is emitted.
 */
export const EVENTS: Readonly<Record<EventName, EventDefinition>> = {
  ...CALL_EVENTS,
  ...POOL_EVENTS,
  ...WORKER_EVENTS,
  ...SESSION_EVENTS,
  ...HOST_EVENTS,
  ...PYTHON_EVENTS,
} satisfies EventTable;

/** The names of all events, in the order of the documentation. */
export const EVENT_NAMES = Object.keys(EVENTS) as readonly EventName[];

/**
 * Whether the name of an event matches a pattern, in which `*` matches any string. The time is at most proportional to
 * the product of both lengths, because patterns come from clients: a regular expression can take forever.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let position = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return position <= end;
}
