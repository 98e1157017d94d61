import { existsSync } from "node:fs";
import { join } from "node:path";
import { fetchNpmPackage, npmPackageFolder } from "./npm-package.mjs";
import { pinnedPnpm } from "./workspace.mjs";

/** @returns {string} the folder with the pinned pnpm */
export function pnpmFolder() {
  return join(npmPackageFolder("pnpm", pinnedPnpm()), "node_modules/.bin");
}

/** @returns {boolean} */
export function hasPnpm() {
  return existsSync(join(pnpmFolder(), "pnpm"));
}

/** Fetches the pinned pnpm from npm. */
export async function fetchPnpm() {
  await fetchNpmPackage("pnpm", pinnedPnpm());
}
