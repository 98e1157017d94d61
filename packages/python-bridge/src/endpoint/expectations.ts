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
  /** Milliseconds without received bytes after which its link is aborted with `WORKER_HUNG`. */
  readonly heartbeatTimeoutMs: number;
  /** Handles the requests of the worker. */
  readonly requests: HostRequests;
}

/** An expected connection of a worker. */
export interface Expectation {
  /** The token that the worker must send; valid for one connection. */
  readonly token: string;
  /**
   * Resolves with the worker's link. Rejects with `PROTOCOL_MISMATCH` if the worker has another protocol version,
   * `WORKER_START_FAILED` if the worker reports that its setup failed, or the error passed to {@link abandon}.
   */
  readonly connected: Promise<WorkerLink>;
  /** Rejects {@link connected} and invalidates the token. Does nothing if {@link connected} has settled. */
  abandon(error: SnakepitError): void;
}

/** The endpoint's side of an {@link Expectation}. */
export interface OpenExpectation {
  readonly worker: ExpectedWorker;
  /** Whether the worker has connected. */
  readonly met: boolean;
  /** Whether a token is valid. The comparison takes constant time. */
  accepts(token: string): boolean;
  /** Resolves the expectation with the worker's link. */
  meet(link: WorkerLink): void;
  /** Fails the launch of a worker that has connected but cannot be used. */
  reject(error: SnakepitError): void;
}

const TOKEN_BYTES = 32;

/** The expected and the connected workers of an endpoint. */
export class Expectations {
  readonly #open = new Map<string, OpenExpectation>();

  /**
   * Expects a worker to connect.
   *
   * @throws SnakepitError `INTERNAL` if a worker with the same ID is already expected or connected.
   */
  add(worker: ExpectedWorker): Expectation {
    const { workerId } = worker;
    if (this.#open.has(workerId)) throw new SnakepitError("INTERNAL", `worker "${workerId}" is already expected`);
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    const { promise: connected, resolve, reject } = Promise.withResolvers<WorkerLink>();
    // If the launch was aborted, no one handles the rejection.
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

  /** The number of expected and connected workers. */
  get size(): number {
    return this.#open.size;
  }

  find(workerId: string): OpenExpectation | undefined {
    return this.#open.get(workerId);
  }

  /** Rejects all expectations whose worker has not connected. */
  abandonAll(error: SnakepitError): void {
    for (const expectation of this.#open.values()) expectation.reject(error);
  }
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
