import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Whether this process can execute the file at a path, or why not. */
export type Executability = "executable" | "not-executable" | "directory" | "inaccessible" | "missing";

/** Resolves with the {@link Executability} of a path; never rejects. */
export async function executability(path: string): Promise<Executability> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return "directory";
  } catch (thrown) {
    // It, or what it links to, is in a directory that this user cannot enter.
    if ((thrown as NodeJS.ErrnoException).code === "EACCES") return "inaccessible";
    // The file does not exist, or is a dangling link.
    return "missing";
  }
  try {
    await access(path, constants.X_OK);
    return "executable";
  } catch {
    return "not-executable";
  }
}

/** Resolves with the path of a command, searched for as a shell does; `undefined` if no directory contains it. */
export async function findOnPath(command: string, searchPath: string): Promise<string | undefined> {
  for (const directory of searchPath.split(delimiter)) {
    if (directory === "") continue;
    const candidate = join(directory, command);
    if ((await executability(candidate)) === "executable") return candidate;
  }
  return undefined;
}
