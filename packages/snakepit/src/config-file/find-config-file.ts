import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The names of configuration files, in the order of precedence. */
export const CONFIG_FILE_NAMES = [
  "snakepit.config.ts",
  "snakepit.config.mts",
  "snakepit.config.js",
  "snakepit.config.mjs",
] as const;

/** Files that exist only in the root of a project. */
const ROOT_FILES = [".git", "pnpm-workspace.yaml"];

/**
 * Finds the configuration file of a directory: in the directory itself, or in the nearest parent up to the root of the
 * project. The root has `.git`, `pnpm-workspace.yaml`, or a package.json with workspaces; without them, it is the
 * nearest directory with a package.json. Directories outside of the project are not searched, because the file is
 * executed.
 *
 * @param directory absolute path.
 * @returns the absolute path of the file, or `undefined` if no directory has one.
 */
export async function findConfigFile(directory: string): Promise<string | undefined> {
  for (const each of await projectDirectories(directory)) {
    for (const name of CONFIG_FILE_NAMES) {
      const file = join(each, name);
      if ((await stat(file).catch(() => undefined))?.isFile()) return file;
    }
  }
  return undefined;
}

/** Returns the directories from this one up to the root of its project. */
async function projectDirectories(directory: string): Promise<readonly string[]> {
  const directories: string[] = [];
  let nearestPackage: number | undefined;
  for (let current = directory; ; current = dirname(current)) {
    directories.push(current);
    const kind = await kindOf(current);
    if (kind === "root") return directories;
    if (kind === "package") nearestPackage ??= directories.length;
    if (current === dirname(current)) return directories.slice(0, nearestPackage ?? 1);
  }
}

async function kindOf(directory: string): Promise<"root" | "package" | "other"> {
  for (const name of ROOT_FILES) {
    if ((await stat(join(directory, name)).catch(() => undefined)) !== undefined) return "root";
  }
  const manifest = await readFile(join(directory, "package.json"), "utf8").catch(() => undefined);
  if (manifest === undefined) return "other";
  return hasWorkspaces(manifest) ? "root" : "package";
}

function hasWorkspaces(manifest: string): boolean {
  try {
    const parsed: unknown = JSON.parse(manifest);
    return typeof parsed === "object" && parsed !== null && "workspaces" in parsed;
  } catch {
    // Not the file of a package manager; the project may still be below it.
    return false;
  }
}
