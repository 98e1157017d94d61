import { runAfterReading, SnakepitError } from "@snakepit/core";
import type { WorkerLink } from "../link/worker-link.ts";

/** A link and when something last arrived on it. */
interface Watched {
  readonly timeoutMs: number;
  bytesReceived: number;
  lastSeenAt: number;
}

/** How often a link is checked within its time-out. */
const CHECKS_PER_TIMEOUT = 8;
const MIN_INTERVAL_MS = 10;
const MAX_INTERVAL_MS = 1_000;

/**
 * Aborts links that have received no bytes within their heartbeat time-out. One timer checks all links by their byte
 * count, so that links have no cost per frame.
 *
 * Time in which this process did not run does not count: it was stopped, the machine was suspended, or the event loop
 * was blocked. Frames that arrived meanwhile are read before the links are checked.
 */
export class SilenceWatch {
  readonly #links = new Map<WorkerLink, Watched>();
  #timer: NodeJS.Timeout | undefined;
  #reading: NodeJS.Immediate | undefined;
  #intervalMs = MAX_INTERVAL_MS;
  #checkedAt = 0;

  /** Checks a link until it is closed. */
  add(link: WorkerLink, timeoutMs: number): void {
    this.#links.set(link, { timeoutMs, bytesReceived: link.bytesReceived, lastSeenAt: performance.now() });
    void link.closed.then(() => this.#remove(link));
    const intervalMs = Math.min(Math.max(timeoutMs / CHECKS_PER_TIMEOUT, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
    if (this.#timer !== undefined && intervalMs >= this.#intervalMs) return;
    this.#intervalMs = intervalMs;
    this.#checkedAt = performance.now();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#onTimer(), intervalMs).unref();
  }

  #onTimer(): void {
    const now = performance.now();
    const lateMs = Math.max(0, now - this.#checkedAt - this.#intervalMs);
    this.#checkedAt = now;
    clearImmediate(this.#reading);
    this.#reading = runAfterReading(lateMs, () => this.#check(lateMs));
  }

  #check(lateMs: number): void {
    const now = performance.now();
    for (const [link, watched] of this.#links) {
      const { timeoutMs } = watched;
      // A worker that was suspended too needs time for its next heartbeat.
      if (link.bytesReceived !== watched.bytesReceived || lateMs > timeoutMs / 2) watched.lastSeenAt = now;
      else watched.lastSeenAt += lateMs;
      watched.bytesReceived = link.bytesReceived;
      const silentMs = now - watched.lastSeenAt;
      link.markSilent(silentMs > timeoutMs / 2);
      if (silentMs > timeoutMs) link.abort(hungError(link, timeoutMs));
    }
  }

  #remove(link: WorkerLink): void {
    this.#links.delete(link);
    if (this.#links.size > 0) return;
    clearInterval(this.#timer);
    clearImmediate(this.#reading);
    this.#timer = undefined;
  }
}

function hungError({ facts, pool, vitals }: WorkerLink, timeoutMs: number): SnakepitError {
  return new SnakepitError(
    "WORKER_HUNG",
    `it sent no heartbeat for ${timeoutMs} ms and was killed; run code that holds the GIL for longer in a child process, or increase heartbeatTimeoutMs`,
    { pool, workerId: facts.workerId, details: { timeoutMs, lastVitals: vitals ?? null } },
  );
}
