import { Socket } from "node:net";
import { partError } from "@snakepit/core";
import type { Client, ClientBase, ClientConfig, Pool, PoolConfig } from "pg";
import { within } from "../open-and-close.ts";
import { applySettings } from "./session-settings.ts";

/** The time limit for closing connections, in milliseconds. */
const CLOSE_TIMEOUT_MS = 1_000;

/** Connections to PostgreSQL, opened on demand and reopened after they were lost. */
export interface ConnectionPool {
  readonly pool: Pool;
  /** Closes all open and opening connections. A pending query rejects; the next one connects again. */
  breakOff(): void;
  /** Waits for pending queries, then closes all sockets. */
  close(): Promise<void>;
}

/** The options of {@link createConnectionPool}. */
export interface ConnectionPoolOptions extends Pick<PoolConfig, "types"> {
  /** The maximum number of connections. */
  readonly connections: number;
  /** Time limit in milliseconds for connecting, and for setting up a connection. */
  readonly connectTimeoutMs: number;
  /** Time limit in milliseconds for waiting until one of the connections is free. */
  readonly waitTimeoutMs: number;
  /** Milliseconds after which the server cancels a statement. */
  readonly statementTimeoutMs: number;
  /** Sets up a new connection before its first use. */
  readonly setUp?: (client: Client) => Promise<unknown>;
}

/** Creates the pool without connecting. */
export async function createConnectionPool(url: string, options: ConnectionPoolOptions): Promise<ConnectionPool> {
  const { connections, connectTimeoutMs, waitTimeoutMs, statementTimeoutMs, types } = options;
  const { setUp = async () => undefined } = options;
  const pg = await loadDriver();
  // The driver drops the socket of a connection whose login failed, or which it has closed, without waiting for its
  // end.
  const sockets = new Set<Socket>();
  // The pool uses its option for both time limits.
  class ConnectingClient extends pg.Client {
    constructor(config?: ClientConfig) {
      super({ ...config, connectionTimeoutMillis: connectTimeoutMs });
    }
  }
  const pool = new pg.Pool({
    Client: ConnectingClient,
    connectionString: url,
    application_name: "snakepit",
    max: connections,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: waitTimeoutMs,
    keepAlive: true,
    ...(types !== undefined && { types }),
    // The argument is a Client, although the types of the driver are wider. The driver has no time limit for this
    // function.
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
  // The next query reports a lost connection. Without a listener, the error event would end the process, whether the
  // connection is idle or in use.
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

/** Loads the driver, an optional package: only users of PostgreSQL need it. */
export async function loadDriver(): Promise<typeof import("pg").default> {
  // Bundlers accept that the package is missing only inside of a try statement.
  try {
    return (await import("pg")).default;
  } catch (thrown) {
    throw partError("the PostgreSQL driver", thrown, "pg");
  }
}

function setUpInTime(client: Client, timeoutMs: number, setUp: (client: Client) => Promise<unknown>): Promise<unknown> {
  return within(timeoutMs, setUp(client), () => {
    client.connection.stream.destroy();
    return new Error("connection timeout");
  });
}

async function allClosed(sockets: ReadonlySet<Socket>, breakOff: () => void): Promise<void> {
  const timer = setTimeout(breakOff, CLOSE_TIMEOUT_MS);
  await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
  clearTimeout(timer);
}
