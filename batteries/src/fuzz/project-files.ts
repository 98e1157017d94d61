import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../..");

/** The interpreter of all workers. */
export const PYTHON = process.env["SNAKEPIT_PYTHON"] ?? join(root, ".venv/bin/python");

/** The folder of the Python package of workers. */
export const PYTHON_SOURCES = join(root, "packages/python-bridge/python/src");

/** The folder of the `.proto` files. */
export const PROTO_FOLDER = join(root, "packages/bridge-proto/proto/snakepit/bridge/v1");

/** Returns the path of a file in the Python folder of the batteries. */
export function pythonFile(name: string): string {
  return join(root, "batteries/python", name);
}
