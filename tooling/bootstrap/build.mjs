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

/** Builds the page of the dashboard, compiles the declarations of the packages and bundles their modules. */
export async function build() {
  // Computed before the build, so that a source that changes during the build is detected next time.
  const state = sourceState();
  // First: the dashboard imports the module with the files of its page.
  await runStep([inside("dashboard", "scripts/build-page.mjs")]);
  await runStep([join(ROOT, "node_modules/typescript/bin/tsc"), "-b", "tsconfig.build.json"]);
  await runStep([join(ROOT, "tooling/build/main.ts")]);
  writeStamp(STAMP, state);
}

/** @param {readonly string[]} args */
async function runStep(args) {
  const result = await runTool(nodeProgram(), args, { env: toolEnvironment([nodeFolder()]) });
  if (result.status === 0) return;
  throw new SetupError("the TypeScript sources do not compile.", "correct the errors above.", {
    output: result.tail,
  });
}

function sourceState() {
  const own = publishedPackages().flatMap((name) =>
    ["src", "package.json", "tsconfig.json"].map((part) => inside(name, part)),
  );
  const shared = ["tooling/tsconfig", "tooling/build", "tsconfig.build.json", "pnpm-lock.yaml"].map((path) =>
    join(ROOT, path),
  );
  const page = ["page", "scripts/build-page.mjs"].map((part) => inside("dashboard", part));
  return fingerprint([], [...own, ...shared, ...page]);
}

/**
 * @param {string} name
 * @param {string} part
 */
function inside(name, part) {
  return join(ROOT, "packages", name, part);
}
