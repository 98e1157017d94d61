import { useEffect } from "preact/hooks";
import type { LiveMessage, LiveTopic, ProblemMessage } from "../../src/contract/live.ts";
import { RequestProblem, read } from "./api.ts";
import { Store } from "./store.ts";

/** The connection to the host. */
export type ConnectionState =
  | { readonly is: "connecting" }
  | { readonly is: "live" }
  /** The page is hidden, and receives nothing until it is shown again. */
  | { readonly is: "paused" }
  /** The host does not answer; the next attempt follows. */
  | { readonly is: "lost"; readonly attempt: number }
  /** The host answers, but cannot collect its state. */
  | { readonly is: "problem"; readonly message: string };

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 10_000;

/** Receives the live messages of the host, for the topics that the present view shows. */
class LiveConnection {
  readonly status = new Store<ConnectionState>({ is: "connecting" });
  /** The last message of each topic. */
  readonly message = new Store<LiveMessage>({ at: 0 });
  /** Whether the login has ended, for example because the host was started again. */
  readonly loggedOut = new Store(false);
  #topics: readonly LiveTopic[] = [];
  #source: EventSource | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;

  constructor() {
    document.addEventListener("visibilitychange", () => this.#connect());
  }

  /** Changes the topics. Without topics, the connection is closed. */
  follow(topics: readonly LiveTopic[]): void {
    if (topics.join() === this.#topics.join()) return;
    this.#topics = topics;
    this.#attempts = 0;
    this.#connect();
  }

  /** Connects at once, instead of after the present delay. */
  retryNow(): void {
    this.#attempts = 0;
    this.#connect();
  }

  #connect(): void {
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#retry);
    if (this.#topics.length === 0) return;
    // Browsers allow six connections to a host: hidden pages would take those of the visible one.
    if (document.hidden) {
      this.status.set({ is: "paused" });
      return;
    }
    if (this.status.state.is !== "lost" && this.status.state.is !== "live") this.status.set({ is: "connecting" });
    const source = new EventSource(`/api/live?topics=${this.#topics.join()}`);
    this.#source = source;
    source.addEventListener("live", ({ data }: MessageEvent<string>) => {
      this.#attempts = 0;
      this.status.set(LIVE);
      this.message.set({ ...this.message.state, ...(JSON.parse(data) as LiveMessage) });
    });
    source.addEventListener("problem", ({ data }: MessageEvent<string>) => {
      this.status.set({ is: "problem", message: (JSON.parse(data) as ProblemMessage).error.message });
    });
    source.addEventListener("error", () => this.#lost(source));
  }

  #lost(source: EventSource): void {
    source.close();
    if (source !== this.#source) return;
    this.#attempts += 1;
    this.status.set({ is: "lost", attempt: this.#attempts });
    const delay = Math.min(FIRST_RETRY_MS * 2 ** (this.#attempts - 1), LAST_RETRY_MS);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#checkLogin(), delay);
  }

  /** An event source does not report the status of a response. */
  async #checkLogin(): Promise<void> {
    try {
      await read("/api/session");
    } catch (thrown) {
      if (thrown instanceof RequestProblem && thrown.status === 401) return this.loggedOut.set(true);
    }
    this.#connect();
  }
}

const LIVE = { is: "live" } as const;

export const live = new LiveConnection();

/** Receives these topics while the component is shown. */
export function useTopics(...topics: readonly LiveTopic[]): void {
  useEffect(() => live.follow(topics), [topics.join()]);
}
