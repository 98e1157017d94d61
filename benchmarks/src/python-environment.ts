import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** The interpreter of all rows and floors. */
export const PYTHON = process.env["SNAKEPIT_PYTHON"] ?? join(root, ".venv/bin/python");

/** Returns the path of a file in the Python folder of the benchmarks. */
export function pythonFile(name: string): string {
  return join(root, "benchmarks/python", name);
}
