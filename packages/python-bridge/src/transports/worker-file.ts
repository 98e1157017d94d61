import { closeSync, constants, fstatSync, openSync, type Stats, unlinkSync } from "node:fs";
import { basename, join } from "node:path";

/**
 * Opens and removes a file that a worker has created in the directory of the sockets. Returns its descriptor, or
 * `undefined` if that is not possible; the worker is then used without what the file is for.
 *
 * @param name the file name in the worker's Hello; empty for none.
 * @param flags whether to read or write, see `fs.constants`.
 * @param isExpected returns whether the file is of the expected kind.
 */
export function openWorkerFile(
  directory: string,
  name: string,
  flags: number,
  isExpected: (file: Stats) => boolean,
): number | undefined {
  if (name === "" || name !== basename(name)) return undefined;
  const path = join(directory, name);
  let descriptor: number;
  try {
    descriptor = openSync(path, flags | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    // The directory was removed, or this process has no descriptor left.
    return undefined;
  }
  try {
    if (!isExpected(fstatSync(descriptor))) throw new Error(`${path} is not the file of a worker`);
    unlinkSync(path);
  } catch {
    closeSync(descriptor);
    return undefined;
  }
  return descriptor;
}
