import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the clone. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** The folder for the tools, stamps and lock of the bootstrap; ignored by git. */
export const TOOLS = join(ROOT, ".tools");

/** The folder with programs for tests. It comes last on PATH, so that the programs of the system are preferred. */
export const FETCHED_PROGRAMS = join(TOOLS, "debian/bin");

/** The virtual environment for development. */
export const VENV = join(ROOT, ".venv");

/** The Python project. */
export const PYTHON_PROJECT = join(ROOT, "packages/python-bridge/python");

/** @returns {readonly string[]} the names of the folders in `packages/` */
export function publishedPackages() {
  return readdirSync(join(ROOT, "packages"));
}

/** @returns {readonly string[]} the `package.json` of each package of the workspace, relative to the root */
export function packageManifests() {
  const inGroups = ["packages", "apps"].flatMap((group) =>
    existsSync(join(ROOT, group)) ? readdirSync(join(ROOT, group)).map((name) => `${group}/${name}`) : [],
  );
  return [...inGroups, "batteries", "benchmarks", "tooling"].map((folder) => `${folder}/package.json`);
}

/** @returns {string} the version of Node.js that development uses */
export function pinnedNode() {
  return readFileSync(join(ROOT, ".node-version"), "utf8").trim();
}

/** @returns {string} the version of pnpm that development uses */
export function pinnedPnpm() {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).devEngines.packageManager.version;
}
