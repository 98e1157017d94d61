import { type HostControl, type HostEventItem, matchesPattern } from "@snakepit/core";
import { problemEvent, serverSentEvent, type Viewer, type Viewers } from "./viewers.ts";

/** How long events are collected before they are sent together. */
const COLLECTED_MS = 250;

/** Events in one message; further ones of the same period are counted. */
const MOST_EVENTS = 100;

/** Events that wait in the host for one viewer. */
const BUFFER = 1_000;

/**
 * Events that new viewers see from before they came: those that are rare. Logs and sessions can be as frequent as
 * calls, and converting each of them would slow the host down while no one looks.
 */
const REMEMBERED_NAMES = [
  "pool.*",
  "worker.starting",
  "worker.ready",
  "worker.start-failed",
  "worker.exited",
  "worker.recycled",
  "worker.unhealthy",
  "zygote.*",
  "circuit.*",
  "registry.*",
];
const REMEMBERED_EVENTS = 200;

/** Which events a viewer receives. */
export interface EventFilter {
  readonly names?: readonly string[] | undefined;
  readonly pool?: string | undefined;
  readonly workerId?: string | undefined;
  readonly correlationId?: string | undefined;
}

/** Sends the events of the host to viewers, several in one message. */
export class EventFeed {
  readonly #control: HostControl;
  readonly #viewers: Viewers;
  readonly #closed = new AbortController();
  readonly #remembered: HostEventItem[] = [];
  /** Why there are no earlier events. */
  #problem: Uint8Array<ArrayBuffer> | undefined;

  constructor(control: HostControl, viewers: Viewers) {
    this.#control = control;
    this.#viewers = viewers;
    void this.#remember();
  }

  close(): void {
    this.#closed.abort();
  }

  /** Returns a stream of events from now on. It ends when the host closes. */
  subscribe(filter: EventFilter): ReadableStream<Uint8Array<ArrayBuffer>> {
    const leave = new AbortController();
    const viewer = this.#viewers.add(() => leave.abort());
    const earlier = this.#remembered.filter((item) => isSelected(item, filter));
    viewer.send(serverSentEvent("events", JSON.stringify(earlier)));
    if (this.#problem !== undefined) viewer.send(this.#problem);
    void this.#follow(viewer, filter, leave.signal);
    return viewer.stream;
  }

  /** Never rejects: viewers receive the problem, and begin with the next event. */
  async #remember(): Promise<void> {
    try {
      for await (const item of this.#control.events({ names: REMEMBERED_NAMES, signal: this.#closed.signal })) {
        this.#remembered.push(item);
        if (this.#remembered.length > REMEMBERED_EVENTS) this.#remembered.shift();
      }
    } catch (thrown) {
      this.#problem = problemEvent(thrown);
    }
  }

  /** Never rejects: the viewer receives the problem. */
  async #follow(viewer: Viewer, filter: EventFilter, signal: AbortSignal): Promise<void> {
    const batch = new EventBatch(viewer);
    try {
      for await (const item of this.#control.events({ ...filter, buffer: BUFFER, signal })) batch.add(item);
    } catch (thrown) {
      if (!signal.aborted) viewer.send(problemEvent(thrown));
    }
    batch.close();
    viewer.close();
  }
}

/** The events of one viewer that have not been sent. */
class EventBatch {
  readonly #viewer: Viewer;
  #items: HostEventItem[] = [];
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(viewer: Viewer) {
    this.#viewer = viewer;
  }

  add(item: HostEventItem): void {
    if (item.is === "dropped") this.#dropped += item.count;
    else if (this.#items.length < MOST_EVENTS) this.#items.push(item);
    else this.#dropped += 1;
    this.#timer ??= setTimeout(() => this.#send(), COLLECTED_MS);
  }

  /** Sends what remains. */
  close(): void {
    clearTimeout(this.#timer);
    this.#send();
  }

  #send(): void {
    this.#timer = undefined;
    const dropped: HostEventItem[] = this.#dropped > 0 ? [{ is: "dropped", at: Date.now(), count: this.#dropped }] : [];
    const items = [...this.#items, ...dropped];
    if (items.length === 0 || !this.#viewer.isReady) return;
    this.#items = [];
    this.#dropped = 0;
    this.#viewer.send(serverSentEvent("events", JSON.stringify(items)));
  }
}

/** Whether a viewer with this filter receives an event. */
function isSelected(item: HostEventItem, { names, pool, workerId, correlationId }: EventFilter): boolean {
  if (item.is !== "event") return false;
  const { name, fields } = item;
  const has = (field: string, value: string | undefined) => value === undefined || fields[field] === value;
  return (
    (names === undefined || names.some((pattern) => matchesPattern(pattern, name))) &&
    has("pool", pool) &&
    has("workerId", workerId) &&
    has("correlationId", correlationId)
  );
}
