import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { toolEnvironment } from "./environment.mjs";
import { toolFailure } from "./failure-remedy.mjs";
import { nodeFolder } from "./node-runtime.mjs";
import { pnpmFolder } from "./pnpm.mjs";
import { fingerprint, isFresh, writeStamp } from "./stamp.mjs";
import { runTool } from "./tool-process.mjs";
import { pinnedPnpm, ROOT } from "./workspace.mjs";

const STAMP = join(ROOT, "node_modules/.snakepit-stamp");

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
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests()];
  return fingerprint(
    [pinnedPnpm()],
    files.map((file) => join(ROOT, file)),
  );
}

function manifests() {
  const inPackages = ["packages", "apps"].flatMap((group) =>
    existsSync(join(ROOT, group)) ? readdirSync(join(ROOT, group)).map((name) => `${group}/${name}`) : [],
  );
  return [...inPackages, "benchmarks", "tooling"].map((folder) => `${folder}/package.json`);
}
