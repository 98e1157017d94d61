import { SnakepitError } from "@snakepit/core";
import type { PoolClient } from "pg";
import { within } from "../../database/open-and-close.ts";
import type { ConnectionPool } from "../../database/postgresql/connection-pool.ts";
import { isConnectionLost, isRolledBack, pauseAfter } from "../../database/postgresql/postgresql-fault.ts";

/** The number of attempts. After a restart of the server, each connection of the pool fails once. */
const ATTEMPTS = 10;

/** The options of {@link StateConnections}. */
export interface StateConnectionsOptions {
  /** Time limit for one use, in milliseconds, all attempts included. */
  readonly timeoutMs: number;
  /** Returns the error of a use that exceeds the time limit. */
  readonly timeoutError: () => SnakepitError;
}

/** Runs work on the connections of a pool, within a time limit, and retries it when that is safe. */
export class StateConnections {
  readonly #pool: ConnectionPool;
  readonly #options: StateConnectionsOptions;

  constructor(pool: ConnectionPool, options: StateConnectionsOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /**
   * Runs work on a connection. Work that the server has rolled back is retried. When the connection is lost, it is
   * unknown whether the work was committed, so it is retried only if it is repeatable.
   *
   * @param isRepeatable is called when the connection was lost.
   */
  async use<Result>(isRepeatable: () => boolean, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const until = performance.now() + this.#options.timeoutMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(work, until);
      } catch (thrown) {
        const isSafe = isRolledBack(thrown) || (isConnectionLost(thrown) && isRepeatable());
        if (!isSafe || attempt === ATTEMPTS || performance.now() > until) throw thrown;
        if (isRolledBack(thrown)) await pauseAfter(attempt);
      }
    }
  }

  /** Aborts pending work, which rejects. */
  breakOff(): void {
    this.#pool.breakOff();
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #once<Result>(work: (client: PoolClient) => Promise<Result>, until: number): Promise<Result> {
    const client = await this.#connect(until);
    try {
      const result = await within(until - performance.now(), work(client), () => {
        client.connection.stream.destroy();
        return this.#options.timeoutError();
      });
      client.release();
      return result;
    } catch (thrown) {
      // After a failed statement, the connection can be used again.
      client.release(thrown instanceof SnakepitError || isConnectionLost(thrown));
      throw thrown;
    }
  }

  /** Resolves with a connection that is free, or a new one. */
  async #connect(until: number): Promise<PoolClient> {
    const connecting = this.#pool.pool.connect();
    return await within(until - performance.now(), connecting, () => {
      connecting.then(
        (client) => client.release(),
        // The caller receives the error of the time limit.
        () => undefined,
      );
      return this.#options.timeoutError();
    });
  }
}
