import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** What a path is, for somebody who wants to run it. */
export type Executability = "executable" | "not-executable" | "directory" | "missing";

export async function executability(path: string): Promise<Executability> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return "directory";
  } catch {
    // Missing, a dangling link, or in a directory we may not enter: for us it is not there.
    return "missing";
  }
  try {
    await access(path, constants.X_OK);
    return "executable";
  } catch {
    return "not-executable";
  }
}

/** Looks a command up as a shell does; `undefined` when no directory of `searchPath` has it. */
export async function findOnPath(command: string, searchPath: string): Promise<string | undefined> {
  for (const directory of searchPath.split(delimiter)) {
    if (directory === "") continue;
    const candidate = join(directory, command);
    if ((await executability(candidate)) === "executable") return candidate;
  }
  return undefined;
}
