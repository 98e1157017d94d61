import { Socket } from "node:net";
import { loadPart } from "@snakepit/core";
import type { Client, ClientBase, Pool, PoolConfig } from "pg";
import { within } from "../open-and-close.ts";
import { applySettings } from "./session-settings.ts";

/** How long saying goodbye to the server may take, in milliseconds. */
const GOODBYE_MS = 1_000;

/** Connections to PostgreSQL, made when they are needed and made anew when they were lost. */
export interface ConnectionPool {
  readonly pool: Pool;
  /** Breaks off what is connected or connecting: a query that waits for ever rejects, the next one connects anew. */
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
  /** Prepares a new connection before anybody uses it. */
  readonly setUp?: (client: Client) => Promise<unknown>;
}

/** Sets up the pool; connects to nothing yet. */
export async function createConnectionPool(url: string, options: ConnectionPoolOptions): Promise<ConnectionPool> {
  const { connections, connectTimeoutMs, statementTimeoutMs, setUp = async () => undefined, types } = options;
  const { default: pg } = await loadPart("the PostgreSQL driver", import("pg"));
  // The driver forgets the socket of a connection that could not log in, or that it has said goodbye to.
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
