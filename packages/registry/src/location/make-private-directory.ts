import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a directory, and those above it that are missing, for this user alone. Not with Node's own `recursive`, which
 * never returns where a directory cannot be made although the one above it is there, as in /proc.
 *
 * @throws what the file system says.
 */
export function makePrivateDirectory(path: string): void {
  if (isDirectory(path)) return;
  makePrivateDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    // Another host may have been first.
    if (codeOf(thrown) !== "EEXIST") throw thrown;
  }
}

// The slash makes the file system complain when it is something else.
function isDirectory(path: string): boolean {
  try {
    statSync(`${path}/`);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw thrown;
    return false;
  }
}

function codeOf(thrown: unknown): string | undefined {
  return (thrown as NodeJS.ErrnoException).code;
}
