import { existsSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "./child-process.mjs";
import { toolEnvironment } from "./environment.mjs";
import { nodeFolder, nodeProgram } from "./node-runtime.mjs";
import { SetupError } from "./setup-error.mjs";
import { fingerprint, isFresh, writeStamp } from "./stamp.mjs";
import { publishedPackages, ROOT, TOOLS } from "./workspace.mjs";

const STAMP = join(TOOLS, "build-stamp");

/** @returns {boolean} whether `dist` of each package matches its sources */
export function isBuilt() {
  return (
    publishedPackages().every((name) => existsSync(inside(name, "dist/index.js"))) && isFresh(STAMP, sourceState())
  );
}

/** Compiles the packages. */
export async function build() {
  // Computed before the build, so that a source that changes during the build is detected next time.
  const state = sourceState();
  const args = [join(ROOT, "node_modules/typescript/bin/tsc"), "-b", "tsconfig.build.json"];
  const result = await runTool(nodeProgram(), args, { env: toolEnvironment([nodeFolder()]) });
  if (result.status !== 0) {
    throw new SetupError("the TypeScript sources do not compile.", "correct the errors above.", {
      output: result.tail,
    });
  }
  writeStamp(STAMP, state);
}

function sourceState() {
  const own = publishedPackages().flatMap((name) =>
    ["src", "package.json", "tsconfig.json"].map((part) => inside(name, part)),
  );
  const shared = ["tooling/tsconfig", "tsconfig.build.json", "pnpm-lock.yaml"].map((path) => join(ROOT, path));
  return fingerprint([], [...own, ...shared]);
}

/**
 * @param {string} name
 * @param {string} part
 */
function inside(name, part) {
  return join(ROOT, "packages", name, part);
}
