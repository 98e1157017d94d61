import { Socket } from "node:net";
import { loadPart } from "@snakepit/core";
import type { Client, ClientBase, Pool, PoolConfig } from "pg";
import { within } from "../open-and-close.ts";
import { applySettings } from "./session-settings.ts";

/** Milliseconds that closing a connection may take. */
const GOODBYE_MS = 1_000;

/** Connections to PostgreSQL, opened on demand and opened again after they were lost. */
export interface ConnectionPool {
  readonly pool: Pool;
  /** Closes all open and opening connections: a pending query rejects, the next one connects again. */
  breakOff(): void;
  /** Waits for what is under way, and leaves no socket open. */
  close(): Promise<void>;
}

export interface ConnectionPoolOptions extends Pick<PoolConfig, "types"> {
  /** How many connections at most. */
  readonly connections: number;
  /** Milliseconds that connecting may take, and setting a connection up. */
  readonly connectTimeoutMs: number;
  /** Milliseconds after which the server ends a statement. */
  readonly statementTimeoutMs: number;
  /** Prepares a new connection before it is used. */
  readonly setUp?: (client: Client) => Promise<unknown>;
}

/** Sets up the pool; connects to nothing yet. */
export async function createConnectionPool(url: string, options: ConnectionPoolOptions): Promise<ConnectionPool> {
  const { connections, connectTimeoutMs, statementTimeoutMs, setUp = async () => undefined, types } = options;
  const { default: pg } = await loadPart("the PostgreSQL driver", import("pg"));
  // The driver forgets the socket of a connection that could not log in, or that it has closed.
  const sockets = new Set<Socket>();
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "snakepit",
    max: connections,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    ...(types !== undefined && { types }),
    // It is given a client; the driver's types say less. The driver does not bound the time that it takes.
    onConnect: (client: ClientBase) =>
      setUpInTime(client as Client, connectTimeoutMs, async (connected) => {
        await applySettings(connected, statementTimeoutMs);
        await setUp(connected);
      }),
    stream() {
      const socket = new Socket();
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      return socket;
    },
  });
  // A lost connection is reported by the next query. But an event without a listener
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

function setUpInTime(client: Client, timeoutMs: number, setUp: (client: Client) => Promise<unknown>): Promise<unknown> {
  return within(timeoutMs, setUp(client), () => {
    client.connection.stream.destroy();
    return new Error("connection timeout");
  });
}

async function allClosed(sockets: ReadonlySet<Socket>, breakOff: () => void): Promise<void> {
  const timer = setTimeout(breakOff, GOODBYE_MS);
  await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
  clearTimeout(timer);
}
