import { chmodSync, lstatSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { type HostControl, type Logger, toSnakepitError } from "@snakepit/core";
import { openPrivateDirectory, type PrivateDirectory } from "@snakepit/core/unix-sockets";
import { CONTROL_SOCKET } from "./control-address.ts";
import type { ControlServer } from "./control-server.ts";

/** Milliseconds between two checks whether the socket still exists. */
const CHECK_MS = 60_000;
/** Connections at the same time. */
const MAX_CONNECTIONS = 64;

/** The settings of a {@link ControlSocket}. */
export interface ControlSocketOptions {
  readonly runId: string;
  /** The directory in which the directory of the socket is created. Default: the temporary directory. */
  readonly base: string | undefined;
  readonly log: Logger;
  /** Resolves with what clients control. Called for the first connection. */
  readonly control: () => Promise<HostControl>;
}

/**
 * The socket through which other processes of this user observe and operate the host. Only this user can enter its
 * directory. Until the first connection, it costs a directory and a listening socket: what handles requests is loaded
 * then. If the socket is removed while the host runs, it is opened again.
 */
export class ControlSocket {
  readonly #options: ControlSocketOptions;
  readonly #connections = new Set<Socket>();
  readonly #timer: NodeJS.Timeout;
  #directory: PrivateDirectory | undefined;
  #listener: Server | undefined;
  #server: Promise<ControlServer> | undefined;
  /** The number of directories so far; part of the name of the next one. */
  #opened = 0;
  #isClosed = false;

  private constructor(options: ControlSocketOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#checkExists(), CHECK_MS);
    this.#timer.unref();
  }

  /** Opens the socket. A failure is logged: the host works without it. */
  static async open(options: ControlSocketOptions): Promise<ControlSocket> {
    const socket = new ControlSocket(options);
    await socket.#listen();
    return socket;
  }

  /** The path of the socket; `undefined` if it could not be opened. */
  get path(): string | undefined {
    return this.#directory && join(this.#directory.path, CONTROL_SOCKET);
  }

  /** Ends all connections and removes the socket with its directory. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    const listener = this.#listener;
    const closed = listener && new Promise<void>((resolve) => listener.close(() => resolve()));
    const server = await this.#server?.catch(() => undefined);
    await server?.close();
    for (const connection of this.#connections) connection.destroy();
    await closed;
    this.#directory?.remove();
  }

  async #listen(): Promise<void> {
    const { runId, base, log } = this.#options;
    try {
      const name = this.#opened === 0 ? `${runId}-control` : `${runId}-control-${this.#opened}`;
      this.#opened += 1;
      const directory = openPrivateDirectory({ name, base, socket: CONTROL_SOCKET, purpose: "control socket" });
      this.#directory = directory;
      // Paused: a connection may come before the module that handles it is loaded.
      const listener = createServer({ pauseOnConnect: true }, (connection) => void this.#accept(connection));
      listener.maxConnections = MAX_CONNECTIONS;
      const path = join(directory.path, CONTROL_SOCKET);
      await new Promise<void>((resolve, reject) => {
        listener.once("error", reject);
        listener.listen(path, () => {
          listener.off("error", reject);
          resolve();
        });
      });
      listener.on("error", (error) => log.warn({ err: error }, `the control socket failed: ${error.message}`));
      chmodSync(path, 0o600);
      // The host decides how long the process runs.
      listener.unref();
      this.#listener?.close();
      this.#listener = listener;
    } catch (thrown) {
      this.#directory?.remove();
      this.#directory = undefined;
      const error = toSnakepitError(thrown, "INTERNAL");
      const remedy = "commands such as snakepit inspect cannot reach this host; controlSocket: false turns this off";
      log.warn({ err: error }, `${error.message}; ${remedy}`);
    }
  }

  async #accept(connection: Socket): Promise<void> {
    this.#connections.add(connection);
    connection.once("close", () => this.#connections.delete(connection));
    connection.on("error", () => connection.destroy());
    try {
      this.#server ??= this.#load();
      const server = await this.#server;
      if (this.#isClosed) connection.destroy();
      else server.accept(connection);
    } catch (thrown) {
      this.#server = undefined;
      connection.destroy();
      const error = toSnakepitError(thrown, "INTERNAL");
      this.#options.log.warn({ err: error }, `a connection to the control socket was refused: ${error.message}`);
    }
  }

  async #load(): Promise<ControlServer> {
    const [{ ControlServer: Loaded }, control] = await Promise.all([
      import("./control-server.ts"),
      this.#options.control(),
    ]);
    return new Loaded(control);
  }

  async #checkExists(): Promise<void> {
    const { path } = this;
    if (path === undefined || this.#isClosed || isSocket(path)) return;
    this.#directory?.remove();
    await this.#listen();
  }
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}
