import { type HostControl, type HostEventItem, toSnakepitError } from "@snakepit/core";
import { serverSentEvent, type Viewer, type Viewers } from "./viewers.ts";

/** How long events are collected before they are sent together. */
const COLLECTED_MS = 250;

/** Events in one message; further ones of the same period are counted. */
const MOST_EVENTS = 100;

/** Events that wait in the host for one viewer. */
const BUFFER = 1_000;

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

  constructor(control: HostControl, viewers: Viewers) {
    this.#control = control;
    this.#viewers = viewers;
  }

  /** Returns a stream of events from now on. It ends when the host closes. */
  subscribe(filter: EventFilter): ReadableStream<Uint8Array<ArrayBuffer>> {
    const leave = new AbortController();
    const viewer = this.#viewers.add(() => leave.abort());
    viewer.send(serverSentEvent("events", "[]"));
    void this.#follow(viewer, filter, leave.signal);
    return viewer.stream;
  }

  /** Never rejects: the viewer receives the problem. */
  async #follow(viewer: Viewer, filter: EventFilter, signal: AbortSignal): Promise<void> {
    const batch = new EventBatch(viewer);
    try {
      for await (const item of this.#control.events({ ...filter, buffer: BUFFER, signal })) batch.add(item);
    } catch (thrown) {
      const { code, message } = toSnakepitError(thrown, "INTERNAL");
      if (!signal.aborted) viewer.send(serverSentEvent("problem", JSON.stringify({ error: { code, message } })));
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
