import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { HostRequests } from "@snakepit/core";
import { SnakepitError } from "@snakepit/core";
import type { WorkerLink } from "../link/worker-link.ts";

/** A worker that is about to connect. */
export interface ExpectedWorker {
  readonly workerId: string;
  readonly pool: string;
  /** Milliseconds between the worker's heartbeats. */
  readonly heartbeatIntervalMs: number;
  /** Milliseconds of silence after which its link is given up with `WORKER_HUNG`. */
  readonly heartbeatTimeoutMs: number;
  /** Answers what the worker asks of the host. */
  readonly requests: HostRequests;
}

/** The promise of a worker's connection. */
export interface Expectation {
  /** What the worker must show; good for one connection. */
  readonly token: string;
  /**
   * Resolves with the worker's link. Rejects with `PROTOCOL_MISMATCH` when the worker speaks another version,
   * `WORKER_START_FAILED` when it reports that it could not be set up, or the error given to {@link abandon}.
   */
  readonly connected: Promise<WorkerLink>;
  /** Stops waiting: {@link connected} rejects, and the token is no longer good. Nothing once it has settled. */
  abandon(error: SnakepitError): void;
}

/** An expectation as the endpoint keeps it. */
export interface OpenExpectation {
  readonly worker: ExpectedWorker;
  /** The token was shown and accepted. */
  readonly met: boolean;
  /** Compares in time that does not depend on where the tokens differ. */
  accepts(token: string): boolean;
  /** The worker has connected. */
  meet(link: WorkerLink): void;
  /** The worker has connected and cannot be used: its launch fails. */
  reject(error: SnakepitError): void;
}

const TOKEN_BYTES = 32;

/** The workers that are expected to connect, and those that have. */
export class Expectations {
  readonly #open = new Map<string, OpenExpectation>();

  /** @throws SnakepitError `INTERNAL` when a worker of that id is expected or connected already. */
  add(worker: ExpectedWorker): Expectation {
    const { workerId } = worker;
    if (this.#open.has(workerId)) throw new SnakepitError("INTERNAL", `worker ${workerId} is expected already`);
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    const { promise: connected, resolve, reject } = Promise.withResolvers<WorkerLink>();
    // The launch may have been given up, so that no one looks at this any more.
    connected.catch(() => {});
    const fail = (error: SnakepitError) => {
      if (this.#open.get(workerId) !== entry || entry.met) return;
      this.#open.delete(workerId);
      reject(error);
    };
    const digest = digestOf(token);
    const entry = {
      worker,
      met: false,
      accepts: (shown: string) => timingSafeEqual(digest, digestOf(shown)),
      meet: (link: WorkerLink) => {
        entry.met = true;
        resolve(link);
        void link.closed.then(() => this.#open.delete(workerId));
      },
      reject: fail,
    };
    this.#open.set(workerId, entry);
    return { token, connected, abandon: fail };
  }

  /** How many workers are expected or connected. */
  get size(): number {
    return this.#open.size;
  }

  find(workerId: string): OpenExpectation | undefined {
    return this.#open.get(workerId);
  }

  /** Rejects whatever has not been met. */
  abandonAll(error: SnakepitError): void {
    for (const expectation of this.#open.values()) expectation.reject(error);
  }
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
