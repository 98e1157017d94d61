import { SnakepitError } from "@snakepit/core";
import type { WorkerLink } from "../link/worker-link.ts";

/** A link and when something last arrived on it. */
interface Watched {
  readonly timeoutMs: number;
  bytesReceived: number;
  lastSeenAt: number;
}

/** How often a link is looked at within its timeout. */
const LOOKS_PER_TIMEOUT = 8;
const MIN_INTERVAL_MS = 10;
const MAX_INTERVAL_MS = 1_000;

/**
 * Gives up links that have been silent for too long. One timer looks at all of them now and then; whether a link has
 * received bytes since costs the link nothing.
 */
export class SilenceWatch {
  readonly #links = new Map<WorkerLink, Watched>();
  #timer: NodeJS.Timeout | undefined;
  #intervalMs = MAX_INTERVAL_MS;
  #lookedAt = 0;

  /** Watches a link until it is closed. */
  add(link: WorkerLink, timeoutMs: number): void {
    this.#links.set(link, { timeoutMs, bytesReceived: link.bytesReceived, lastSeenAt: performance.now() });
    void link.closed.then(() => this.#remove(link));
    const intervalMs = Math.min(Math.max(timeoutMs / LOOKS_PER_TIMEOUT, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
    if (this.#timer !== undefined && intervalMs >= this.#intervalMs) return;
    this.#intervalMs = intervalMs;
    this.#lookedAt = performance.now();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#look(), intervalMs).unref();
  }

  #look(): void {
    const now = performance.now();
    // A look that comes late was held up by this process, or the machine slept: what the workers sent meanwhile has
    // not been read, and they are not to blame.
    const late = Math.max(0, now - this.#lookedAt - 2 * this.#intervalMs);
    this.#lookedAt = now;
    for (const [link, watched] of this.#links) {
      watched.lastSeenAt += late;
      if (link.bytesReceived !== watched.bytesReceived) {
        watched.bytesReceived = link.bytesReceived;
        watched.lastSeenAt = now;
      } else if (now - watched.lastSeenAt > watched.timeoutMs) {
        link.abort(silent(link, watched.timeoutMs));
      }
    }
  }

  #remove(link: WorkerLink): void {
    this.#links.delete(link);
    if (this.#links.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function silent({ facts, pool, vitals }: WorkerLink, timeoutMs: number): SnakepitError {
  return new SnakepitError(
    "WORKER_HUNG",
    `worker ${facts.workerId} (pid ${facts.pid}) sent no heartbeat for ${timeoutMs} ms (heartbeatTimeoutMs)`,
    { pool, workerId: facts.workerId, details: { timeoutMs, lastVitals: vitals ?? null } },
  );
}
