import { globSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "./contract.ts";

/** Returns the files of a committed folder, relative to the workspace, that differ from the generated ones. */
export function staleFiles(committed: string, generated: string): readonly string[] {
  return differingFiles(generated, committed).map((name) => relative(ROOT, join(committed, name)));
}

/** Returns a committed file, relative to the workspace, if it differs from the generated one. */
export function staleFile(committed: string, generated: string): readonly string[] {
  return readFileSync(committed).equals(readFileSync(generated)) ? [] : [relative(ROOT, committed)];
}

/** Returns a committed file, relative to the workspace, if its text differs from the generated one. */
export function staleText(committed: string, generated: string): readonly string[] {
  return readFileSync(committed, "utf8") === generated ? [] : [relative(ROOT, committed)];
}

/** Returns the relative paths of files that exist in one folder only or differ. */
export function differingFiles(expected: string, actual: string): readonly string[] {
  const names = new Set([...filesIn(expected), ...filesIn(actual)]);
  return [...names].sort().filter((name) => textOf(expected, name) !== textOf(actual, name));
}

function filesIn(folder: string): readonly string[] {
  const names = globSync("**/*", { cwd: folder, exclude: (name) => name.includes("__pycache__") });
  return names.filter((name) => statSync(join(folder, name)).isFile());
}

function textOf(folder: string, name: string): string | undefined {
  const path = join(folder, name);
  return statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(path, "utf8");
}
