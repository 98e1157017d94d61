import { SnakepitError } from "@snakepit/core";
import type { PoolClient } from "pg";
import { within } from "../../database/open-and-close.ts";
import type { ConnectionPool } from "../../database/postgresql/connection-pool.ts";
import { isConnectionLost, isRolledBack, pauseAfter } from "../../database/postgresql/postgresql-fault.ts";

/** How often something is tried. After a restart of the server each connection may turn out to be broken, one by one. */
const ATTEMPTS = 10;

export interface StateConnectionsOptions {
  /** Milliseconds that something may take in all, attempts included. */
  readonly timeoutMs: number;
  /** The error of something that took longer. */
  readonly tooLate: () => SnakepitError;
}

/** Does things on connections of a pool, within bounds of time, and again where that is harmless. */
export class StateConnections {
  readonly #pool: ConnectionPool;
  readonly #options: StateConnectionsOptions;

  constructor(pool: ConnectionPool, options: StateConnectionsOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /**
   * Runs work on a connection. Work that the server has rolled back is repeated. When the connection is lost it is
   * unknown whether the work was done, so it is repeated only if that is harmless.
   *
   * @param isRepeatable asked when the connection was lost.
   */
  async use<Result>(isRepeatable: () => boolean, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const until = performance.now() + this.#options.timeoutMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(work, until);
      } catch (thrown) {
        const isHarmless = isRolledBack(thrown) || (isConnectionLost(thrown) && isRepeatable());
        if (!isHarmless || attempt === ATTEMPTS || performance.now() > until) throw thrown;
        if (isRolledBack(thrown)) await pauseAfter(attempt);
      }
    }
  }

  /** Ends what is under way: it rejects. */
  breakOff(): void {
    this.#pool.breakOff();
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #once<Result>(work: (client: PoolClient) => Promise<Result>, until: number): Promise<Result> {
    const client = await this.#pool.pool.connect();
    try {
      const result = await within(until - performance.now(), work(client), () => {
        client.connection.stream.destroy();
        return this.#options.tooLate();
      });
      client.release();
      return result;
    } catch (thrown) {
      // A statement that failed leaves a connection that is as good as before.
      client.release(thrown instanceof SnakepitError || isConnectionLost(thrown));
      throw thrown;
    }
  }
}
