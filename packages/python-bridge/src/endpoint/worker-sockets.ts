import { chmodSync, lstatSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { toSnakepitError } from "@snakepit/core";
import type { GrpcListener } from "./grpc-listener.ts";
import { openSocketDirectory, type SocketDirectory } from "./socket-directory.ts";

/** How sockets are opened, and who serves the connections. */
export interface WorkerSocketsOptions {
  readonly runId: string;
  /** See {@link openSocketDirectory}. */
  readonly base: string | undefined;
  /** A connection to the socket of local workers. */
  accept(socket: Socket): void;
  /** A connection could not be accepted. */
  acceptFailed(error: NodeJS.ErrnoException): void;
  /** Creates the server for workers over gRPC; called once, when the first of them is started. */
  createGrpcListener(): Promise<GrpcListener>;
}

/** Connections that the system keeps waiting while a large pool starts at once. */
const BACKLOG = 1_024;

/**
 * The sockets that workers dial, in a directory that only this user can enter. When the directory or a socket was removed
 * while the host runs, by a logout or by what cleans temporary directories, they are opened again in a new one; the
 * connections of before go on.
 */
export class WorkerSockets {
  readonly #options: WorkerSocketsOptions;
  #directory: SocketDirectory;
  #server: Server | undefined;
  /** Directories so far; each has a name of its own. */
  #opened = 1;
  /** Listens in the directory. */
  #grpc: Promise<GrpcListener> | undefined;
  #renewing: Promise<void> | undefined;
  #isClosed = false;

  /**
   * Makes the directory.
   *
   * @throws SnakepitError `INVALID_CONFIG` when it cannot be used, or its path is too long for a socket.
   */
  constructor(options: WorkerSocketsOptions) {
    this.#options = options;
    this.#directory = openSocketDirectory({ name: options.runId, base: options.base });
  }

  /** @throws SnakepitError `INVALID_CONFIG`; then nothing is left. */
  listen(): Promise<void> {
    return this.#listen(this.#directory);
  }

  /** The path of the socket for local workers. */
  get path(): string {
    return this.#directory.socketPath;
  }

  /**
   * What a worker dials: the path of the socket, or the target of the gRPC server, which the first call starts. What was
   * removed meanwhile is opened again first.
   *
   * @throws SnakepitError `INVALID_CONFIG` when that is not possible.
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

  /** Accepts no more connections; resolves when those that are open have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#renewing?.catch(() => {});
    await new Promise<void>((resolve) => {
      if (this.#server === undefined) resolve();
      else this.#server.close(() => resolve());
    });
    // A server that did not come up has nothing to close.
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
    const server = createServer((socket) => {
      if (this.#isClosed) socket.destroy();
      else this.#options.accept(socket);
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
      throw toSnakepitError(thrown, "INVALID_CONFIG", `cannot listen on ${directory.socketPath}`);
    }
    // What goes wrong with one connection must not end the host.
    server.on("error", (error) => this.#options.acceptFailed(error));
    // Its connections go on.
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
    // Removed, or its directory was replaced by a file or may not be entered any more: a new one is opened in any case.
    return false;
  }
}
