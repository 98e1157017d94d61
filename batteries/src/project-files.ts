import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

/** The interpreter of all workers. */
export const PYTHON = process.env["SNAKEPIT_PYTHON"] ?? join(ROOT, ".venv/bin/python");

/** Returns the path of a file in the Python folder of the batteries. */
export function pythonFile(name: string): string {
  return join(ROOT, "batteries/python", name);
}
