import { Socket } from "node:net";
import type { Pool } from "pg";

/** How long saying goodbye to the server may take, in milliseconds. */
const GOODBYE_MS = 1_000;

/** One connection to PostgreSQL, made when it is needed and made anew when it was lost. */
export interface ConnectionPool {
  readonly pool: Pool;
  /** Breaks off what is connected or connecting: a query that waits for ever rejects, the next one connects anew. */
  breakOff(): void;
  /** Waits for what is under way, and leaves no socket open. */
  close(): Promise<void>;
}

/**
 * Sets up the pool; connects to nothing yet.
 *
 * @param connectTimeoutMs milliseconds that connecting may take.
 */
export async function createConnectionPool(url: string, connectTimeoutMs: number): Promise<ConnectionPool> {
  const { default: pg } = await import("pg");
  // The driver forgets the socket of a connection that could not log in, or that it has said goodbye to.
  const sockets = new Set<Socket>();
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "snakepit",
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    stream() {
      const socket = new Socket();
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      return socket;
    },
  });
  // That a connection is lost shows in the next query, and whoever makes it is told. But an event that nobody listens
  // to would end the process, whether the connection is idle or in use.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));

  const breakOff = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    pool,
    breakOff,
    async close() {
      await pool.end();
      await allClosed(sockets, breakOff);
    },
  };
}

async function allClosed(sockets: ReadonlySet<Socket>, breakOff: () => void): Promise<void> {
  const timer = setTimeout(breakOff, GOODBYE_MS);
  await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
  clearTimeout(timer);
}
