import { join } from "node:path";
import { openPrivateDirectory, type PrivateDirectory } from "@snakepit/core/unix-sockets";

/** The directory for the sockets of one endpoint, with mode 0700. */
export interface SocketDirectory extends PrivateDirectory {
  /** The path of the socket for the transport `socket`. */
  readonly socketPath: string;
  /** The path of the socket for the transport `grpc`. */
  readonly grpcSocketPath: string;
}

/** Where a {@link SocketDirectory} is created. */
export interface SocketDirectoryOptions {
  /** The name of the directory without its prefix: the ID of the run, or a string that begins with it. */
  readonly name: string;
  /** The parent directory; by default the first usable one of the temporary, `/tmp` and runtime directories. */
  readonly base?: string | undefined;
}

const SOCKET = "worker.sock";
const GRPC_SOCKET = "grpc.sock";

/**
 * Creates the directory. First removes directories that dead runs left in the same parent directory.
 *
 * @throws SnakepitError `INVALID_CONFIG` if no parent directory can be used.
 */
export function openSocketDirectory(options: SocketDirectoryOptions): SocketDirectory {
  const directory = openPrivateDirectory({ ...options, socket: SOCKET, purpose: "sockets of the workers" });
  const { path, remove } = directory;
  return { path, socketPath: join(path, SOCKET), grpcSocketPath: join(path, GRPC_SOCKET), remove };
}
