import type { ClientBase, Pool } from "pg";

/** How long the server may take for one statement, in milliseconds. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** One connection to PostgreSQL, made when it is needed and made anew when it was lost. */
export interface ConnectionPool {
  readonly pool: Pool;
  /** Breaks the connection off, so that a query that never ends rejects. */
  abandon(): void;
}

/**
 * Sets up the pool; connects to nothing yet.
 *
 * @param connectTimeoutMs milliseconds that connecting may take.
 */
export async function createConnectionPool(url: string, connectTimeoutMs: number): Promise<ConnectionPool> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "snakepit",
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
  });
  const clients = new Set<ClientBase & { end(): Promise<void> }>();
  // A lost connection shows in the next query, which is told to its caller. An event that nobody listens to would end
  // the process, though, both of an idle connection and of one in use.
  const alreadyTold = () => undefined;
  pool.on("error", alreadyTold);
  pool.on("connect", (client) => {
    const connected = client as ClientBase & { end(): Promise<void> };
    clients.add(connected);
    client.on("error", alreadyTold);
    client.once("end", () => clients.delete(connected));
  });
  return {
    pool,
    abandon() {
      for (const client of clients) client.end().catch(alreadyTold);
    },
  };
}
