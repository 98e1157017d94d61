import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const benchmarks = join(root, "benchmarks");

/** The interpreter of all rows and floors. */
export const PYTHON = process.env["SNAKEPIT_PYTHON"] ?? join(root, ".venv/bin/python");

/** Returns the path of a file in the Python folder of the benchmarks. */
export function pythonFile(name: string): string {
  return join(benchmarks, "python", name);
}

/** Returns the path of a file in the folder of what the peers serve. */
export function peerFile(name: string): string {
  return pythonFile(join("peers", name));
}

/** The exact versions of everything that the peers need. */
export const PEER_VERSIONS = join(benchmarks, "peers");

/** Where the peers are installed on request; ignored by Git. It may be deleted. */
export const PEERS_FOLDER = join(benchmarks, ".peers");

/** The interpreter of the virtual environment of the peers. */
export const PEERS_PYTHON = join(PEERS_FOLDER, "venv/bin/python");

/** The folder of the Python code that is generated from `peers.proto`. */
export const GENERATED_FOLDER = join(PEERS_FOLDER, "generated");
