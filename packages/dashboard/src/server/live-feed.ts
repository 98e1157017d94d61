import { type HostControl, SnakepitError } from "@snakepit/core";
import { LIVE_TOPICS, type LiveTopic, type Overview } from "../contract/live.ts";
import type { CallRecorder } from "../recording/call-recorder.ts";
import { problemEvent, serverSentEvent, type Viewer, type Viewers } from "./viewers.ts";

const INTERVAL_MS = 1_000;

interface Subscription {
  readonly viewer: Viewer;
  readonly topics: readonly LiveTopic[];
}

/**
 * Sends the state of the host to all viewers once per second. Each topic is collected and serialized once for all of
 * them, and only while a viewer shows it.
 */
export class LiveFeed {
  readonly #control: HostControl;
  readonly #recorder: CallRecorder;
  readonly #viewers: Viewers;
  readonly #subscriptions = new Set<Subscription>();
  readonly #timer: NodeJS.Timeout;
  #sending = false;

  constructor(control: HostControl, recorder: CallRecorder, viewers: Viewers) {
    this.#control = control;
    this.#recorder = recorder;
    this.#viewers = viewers;
    this.#timer = setInterval(() => this.#tick(), INTERVAL_MS);
    this.#timer.unref();
  }

  /** Returns a stream of the topics. Its first message is sent at once. */
  subscribe(topics: readonly LiveTopic[]): ReadableStream<Uint8Array<ArrayBuffer>> {
    const viewer = this.#viewers.add(() => this.#subscriptions.delete(subscription));
    const subscription: Subscription = { viewer, topics };
    this.#subscriptions.add(subscription);
    void this.#send([subscription]);
    return viewer.stream;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    this.#recorder.tick();
    // A host that is too busy to answer within a second skips messages.
    if (this.#sending) return;
    const ready = [...this.#subscriptions].filter(({ viewer }) => viewer.isReady);
    if (ready.length === 0) return;
    this.#sending = true;
    void this.#send(ready).finally(() => {
      this.#sending = false;
    });
  }

  /** Never rejects: viewers receive the problem. */
  async #send(subscriptions: readonly Subscription[]): Promise<void> {
    const messages = new Map<string, Uint8Array<ArrayBuffer>>();
    try {
      const parts = await this.#collect(new Set(subscriptions.flatMap(({ topics }) => topics)));
      for (const { viewer, topics } of subscriptions) {
        const key = topics.join();
        const message = messages.get(key) ?? messageOf(topics, parts);
        messages.set(key, message);
        viewer.send(message);
      }
    } catch (thrown) {
      const event = problemEvent(thrown);
      for (const { viewer } of subscriptions) viewer.send(event);
    }
  }

  /** Returns each topic as JSON. */
  async #collect(topics: ReadonlySet<LiveTopic>): Promise<ReadonlyMap<LiveTopic, string>> {
    const parts = new Map<LiveTopic, string>();
    for (const topic of topics) parts.set(topic, JSON.stringify(await this.#topic(topic)));
    return parts;
  }

  async #topic(topic: LiveTopic): Promise<unknown> {
    switch (topic) {
      case "overview":
        return { inspection: await this.#control.inspect(), ...this.#recorder.overview() } satisfies Overview;
      case "workers":
        return await this.#control.workers();
      case "calls":
        return this.#recorder.calls();
      case "errors":
        return this.#recorder.errors();
      default:
        return topic satisfies never;
    }
  }
}

/**
 * Returns the topics of a request, in the order of {@link LIVE_TOPICS}: the overview by default, and none for an empty
 * list.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` for an unknown topic.
 */
export function topicsOf(text: string | undefined): readonly LiveTopic[] {
  const names = new Set((text ?? "overview").split(",").filter(Boolean));
  const topics = LIVE_TOPICS.filter((topic) => names.delete(topic));
  for (const unknown of names) {
    const list = `available topics: ${LIVE_TOPICS.join(", ")}`;
    throw new SnakepitError("INVALID_ARGUMENT", `unknown topic ${JSON.stringify(unknown)}; ${list}`);
  }
  return topics;
}

function messageOf(topics: readonly LiveTopic[], parts: ReadonlyMap<LiveTopic, string>): Uint8Array<ArrayBuffer> {
  const fields = topics.map((topic) => `,"${topic}":${parts.get(topic) ?? "null"}`);
  return serverSentEvent("live", `{"at":${Date.now()}${fields.join("")}}`);
}
