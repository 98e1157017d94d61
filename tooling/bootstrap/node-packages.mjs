import { existsSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "./child-process.mjs";
import { toolEnvironment } from "./environment.mjs";
import { nodeFolder } from "./node-runtime.mjs";
import { fetchNpmPackage, npmPackageFolder } from "./npm-package.mjs";
import { toolFailure } from "./setup-error.mjs";
import { fingerprint, isFresh, writeStamp } from "./stamp.mjs";
import { packageManifests, pinnedPnpm, ROOT } from "./workspace.mjs";

const STAMP = join(ROOT, "node_modules/.snakepit-stamp");

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

/** @returns {boolean} whether the packages of the lockfile are installed */
export function hasNodePackages() {
  return isFresh(STAMP, lockfileState());
}

/** Installs the packages of the lockfile. */
export async function installNodePackages() {
  const state = lockfileState();
  // Without a terminal, pnpm by default stops instead of replacing a node_modules folder of another version.
  const args = ["install", "--frozen-lockfile", "--config.confirm-modules-purge=false"];
  const env = toolEnvironment([nodeFolder(), pnpmFolder()]);
  const result = await runTool(join(pnpmFolder(), "pnpm"), args, { env });
  if (result.status !== 0) {
    const remedy =
      'see the output of pnpm above; if it reports that pnpm-lock.yaml is not up to date, run "pnpm install" and commit the change.';
    throw toolFailure("installing the Node packages", result, remedy);
  }
  writeStamp(STAMP, state);
}

function lockfileState() {
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...packageManifests()];
  return fingerprint(
    [pinnedPnpm()],
    files.map((file) => join(ROOT, file)),
  );
}
