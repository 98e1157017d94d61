import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** The interpreter that everything here runs on, so that floors and values are of one kind. */
export const PYTHON = process.env["SNAKEPIT_PYTHON"] ?? join(root, ".venv/bin/python");

/** Path of a file beside the benchmarks' Python code. */
export function pythonFile(name: string): string {
  return join(root, "benchmarks/python", name);
}
