import { chmodSync, lstatSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { toSnakepitError } from "@snakepit/core";
import type { GrpcListener } from "./grpc-listener.ts";
import { openSocketDirectory, type SocketDirectory } from "./socket-directory.ts";

/** The settings of {@link WorkerSockets} and the receiver of the connections. */
export interface WorkerSocketsOptions {
  readonly runId: string;
  /** See {@link openSocketDirectory}. */
  readonly base: string | undefined;
  /** Called with each connection to the socket of the transport `socket`; it is paused. Also passes its directory. */
  accept(socket: Socket, directory: string): void;
  /** Called if accepting a connection failed. */
  acceptFailed(error: NodeJS.ErrnoException): void;
  /** Creates the gRPC server. Called once, when the first worker with that transport is started. */
  createGrpcListener(): Promise<GrpcListener>;
}

/** The maximum number of connections that wait to be accepted when a large pool starts. */
const BACKLOG = 1_024;

/**
 * The sockets to which workers connect, in a directory that only this user can enter. If the directory or a socket is
 * removed while the host runs, by a logout or a cleaner of temporary directories, they are opened again in a new
 * directory. Existing connections are not affected.
 */
export class WorkerSockets {
  readonly #options: WorkerSocketsOptions;
  #directory: SocketDirectory;
  #server: Server | undefined;
  /** The number of directories so far; part of the name of the next one. */
  #opened = 1;
  #grpc: Promise<GrpcListener> | undefined;
  #renewing: Promise<void> | undefined;
  #isClosed = false;

  /**
   * Creates the directory.
   *
   * @throws SnakepitError `INVALID_CONFIG` if it cannot be used or its path is too long for a socket.
   */
  constructor(options: WorkerSocketsOptions) {
    this.#options = options;
    this.#directory = openSocketDirectory({ name: options.runId, base: options.base });
  }

  /**
   * Opens the socket for the transport `socket`.
   *
   * @throws SnakepitError `INVALID_CONFIG` if that fails; the directory is then removed.
   */
  listen(): Promise<void> {
    return this.#listen(this.#directory);
  }

  /** The path of the socket for the transport `socket`. */
  get path(): string {
    return this.#directory.socketPath;
  }

  /**
   * Resolves with the address for a worker: the path of the socket, or the target of the gRPC server, which the first
   * call starts. Removed sockets are opened again first.
   *
   * @throws SnakepitError `INVALID_CONFIG` if that fails.
   */
  async address(transport: "socket" | "grpc"): Promise<string> {
    if (!(await this.#isComplete())) {
      this.#renewing ??= this.#renew().finally(() => {
        this.#renewing = undefined;
      });
      await this.#renewing;
    }
    if (transport === "socket") return this.path;
    this.#grpc ??= this.#openGrpc();
    await this.#grpc;
    return `unix:${this.#directory.grpcSocketPath}`;
  }

  /** Stops accepting connections; resolves when all open connections have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#renewing?.catch(() => {});
    await new Promise<void>((resolve) => {
      if (this.#server === undefined) resolve();
      else this.#server.close(() => resolve());
    });
    // A server that failed to start does not have to be closed.
    const grpc = await this.#grpc?.catch(() => undefined);
    grpc?.close();
    this.#directory.remove();
  }

  async #isComplete(): Promise<boolean> {
    const { socketPath, grpcSocketPath } = this.#directory;
    const grpc = await this.#grpc?.catch(() => undefined);
    return isSocket(socketPath) && (grpc === undefined || isSocket(grpcSocketPath));
  }

  async #renew(): Promise<void> {
    const { runId, base } = this.#options;
    const directory = openSocketDirectory({ name: `${runId}-${this.#opened}`, base });
    this.#opened += 1;
    await this.#listen(directory);
    this.#directory.remove();
    this.#directory = directory;
    const grpc = await this.#grpc?.catch(() => undefined);
    await grpc?.listen(directory.grpcSocketPath);
  }

  async #listen(directory: SocketDirectory): Promise<void> {
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      if (this.#isClosed) socket.destroy();
      else this.#options.accept(socket, directory.path);
    });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ path: directory.socketPath, backlog: BACKLOG }, () => {
          server.off("error", reject);
          resolve();
        });
      });
      chmodSync(directory.socketPath, 0o600);
    } catch (thrown) {
      directory.remove();
      throw toSnakepitError(thrown, "INVALID_CONFIG", `listening on ${directory.socketPath} failed`);
    }
    // The failure of one connection must not end the host.
    server.on("error", (error) => this.#options.acceptFailed(error));
    // This does not affect the connections of the previous server.
    this.#server?.close();
    this.#server = server;
  }

  async #openGrpc(): Promise<GrpcListener> {
    const grpc = await this.#options.createGrpcListener();
    try {
      await grpc.listen(this.#directory.grpcSocketPath);
    } catch (thrown) {
      grpc.close();
      throw thrown;
    }
    return grpc;
  }
}

function isSocket(path: string): boolean {
  try {
    return lstatSync(path).isSocket();
  } catch {
    // The socket was removed, or its directory was removed, replaced or made inaccessible. In all cases, a new one is
    // opened.
    return false;
  }
}
