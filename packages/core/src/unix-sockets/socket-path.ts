import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The maximum bytes of a socket path: the size of `sun_path` (unix(7); 104 on macOS and the BSDs) minus the final zero.
 */
const MAX_SOCKET_PATH_BYTES = process.platform === "linux" ? 107 : 103;

/** Returns why a socket cannot be created at `path`; `undefined` if it can. */
export function socketPathProblem(path: string): string | undefined {
  const directory = dirname(path);
  try {
    if (!statSync(directory).isDirectory()) return `${directory} is not a directory`;
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (thrown) {
    return `${directory} ${describeFailure(thrown)}`;
  }
  return pathLengthProblem(path);
}

/** Returns the problem of a path that is too long for a socket; `undefined` for other paths. */
export function pathLengthProblem(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return undefined;
  return `the path of the socket must have at most ${MAX_SOCKET_PATH_BYTES} bytes; got ${path} (${bytes} bytes)`;
}

/** Describes the error of an operation on a directory. */
export function describeFailure(thrown: unknown): string {
  const { code, message } = thrown as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "does not exist";
    case "EACCES":
    case "EPERM":
      return `is not writable (${code})`;
    case "EROFS":
      return "is on a read-only file system";
    case "ENOSPC":
      return "is on a full file system";
    case "EEXIST":
      return "contains the directory of a run with the same ID";
    default:
      return `cannot be used: ${message}`;
  }
}
