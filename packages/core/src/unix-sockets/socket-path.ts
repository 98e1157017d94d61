import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";

/** Bytes of a socket's path, from the size of `sun_path` (unix(7); 104 on macOS and the BSDs) less the final zero. */
const MAX_SOCKET_PATH_BYTES = process.platform === "linux" ? 107 : 103;

/** Why no socket can be made at `path`, in words; `undefined` when one can. */
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

/** Why a path is too long for a socket; `undefined` when it is not. */
export function pathLengthProblem(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return undefined;
  return `the path of the socket ${path} has ${bytes} bytes and this system allows ${MAX_SOCKET_PATH_BYTES}`;
}

/** Describes what went wrong with a directory. */
export function describeFailure(thrown: unknown): string {
  const { code, message } = thrown as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "does not exist";
    case "EACCES":
    case "EPERM":
      return `cannot be written to (${code})`;
    case "EROFS":
      return "is on a file system that is read-only";
    case "ENOSPC":
      return "is on a file system that is full";
    case "EEXIST":
      return "holds the directory of a run with the same id";
    default:
      return `cannot be used: ${message}`;
  }
}
