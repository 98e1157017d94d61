import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Violation } from "./violation.ts";
import { isTestCode } from "./workspace-package.ts";

const MOST_LINES = 400;
const MOST_LINES_OF_TEST = 600;
const SOURCES = ["packages", "apps", "benchmarks", "tooling"].map((folder) => `${folder}/**/*.{ts,mjs,py}`);
const NOT_OURS = /(^|\/)(node_modules|dist|gen|_proto|\.venv)(\/|$)/;

/** Returns the source files that exceed the maximum length. */
export function checkFileSizes(root: string): readonly Violation[] {
  const files = globSync(SOURCES, { cwd: root, exclude: (path) => NOT_OURS.test(path) }).sort();
  return files.flatMap((file) => {
    const lines = readFileSync(join(root, file), "utf8").split("\n").length - 1;
    const most = isTestCode(file) || isPythonTest(file) ? MOST_LINES_OF_TEST : MOST_LINES;
    if (lines <= most) return [];
    return [{ file, line: most + 1, message: `${lines} lines, at most ${most} are allowed; split the file.` }];
  });
}

function isPythonTest(file: string): boolean {
  return /(^|\/)(test_[^/]*|conftest)\.py$/.test(file);
}
