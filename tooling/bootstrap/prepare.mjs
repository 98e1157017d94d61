import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build, isBuilt } from "./build.mjs";
import { canFetchDebianPrograms, fetchDebianPrograms, missingDebianPrograms } from "./debian-programs.mjs";
import { withLock } from "./lock.mjs";
import { fetchPnpm, hasNodePackages, hasPnpm, installNodePackages } from "./node-packages.mjs";
import { fetchNode, hasNode } from "./node-runtime.mjs";
import { compileBytecode, hasBytecode, hasPythonPackages, installPythonPackages } from "./python-packages.mjs";
import { SetupError } from "./setup-error.mjs";
import { ensureVirtualEnvironment } from "./virtual-environment.mjs";
import { pinnedNode, pinnedPnpm, ROOT, TOOLS } from "./workspace.mjs";

const LOCK = join(TOOLS, "lock");

/**
 * Prepares this clone so that the commands of the project can run. Returns quickly if it is already prepared.
 * @param {import("./progress.mjs").Progress} progress
 * @param {{ readonly build: boolean, readonly programs: boolean }} options
 */
export async function prepare(progress, options) {
  if (isPrepared(options)) return;
  rejectWindows();
  makeToolsFolder();
  const onWait = (/** @type {number} */ pid) =>
    progress.note(
      `Waiting for another set-up of this clone (pid ${pid}); if that process does not exist, delete ${LOCK}.`,
    );
  await withLock(LOCK, { onWait }, async () => {
    const sides = [prepareNodeSide(progress, options), preparePythonSide(progress)];
    if (options.programs) sides.push(preparePrograms(progress));
    await settleAll(sides);
  });
}

/** @param {{ readonly build: boolean, readonly programs: boolean }} options */
function isPrepared(options) {
  return (
    hasNode() &&
    hasPnpm() &&
    hasPythonPackages() &&
    hasBytecode() &&
    hasNodePackages() &&
    (!options.build || isBuilt()) &&
    (!options.programs || missingDebianPrograms().length === 0)
  );
}

/**
 * @param {import("./progress.mjs").Progress} progress
 * @param {{ readonly build: boolean, readonly programs: boolean }} options
 */
async function prepareNodeSide(progress, options) {
  const fetches = [];
  if (!hasNode()) fetches.push(progress.step(`Node.js ${pinnedNode()} from npm`, fetchNode));
  if (!hasPnpm()) fetches.push(progress.step(`pnpm ${pinnedPnpm()} from npm`, fetchPnpm));
  await settleAll(fetches);
  if (!hasNodePackages()) await progress.step("Node packages", installNodePackages);
  if (options.build && !isBuilt()) await progress.step("TypeScript build", build);
}

/** @param {import("./progress.mjs").Progress} progress */
async function preparePythonSide(progress) {
  if (!hasPythonPackages()) {
    await progress.step("Python environment in .venv", ensureVirtualEnvironment);
    await progress.step("Python packages", installPythonPackages);
  }
  if (!hasBytecode()) await progress.step("Python bytecode", compileBytecode);
}

// A system without Debian's packages needs its own ones: the tests that run them fail without.
/** @param {import("./progress.mjs").Progress} progress */
async function preparePrograms(progress) {
  const missing = missingDebianPrograms();
  if (missing.length === 0) return;
  if (canFetchDebianPrograms()) await progress.step("Browser and Prometheus", fetchDebianPrograms);
  else progress.note(`Tests of the dashboard and the metrics need ${missing.join(", ")} on PATH; install them.`);
}

// Waits for all steps even if one has failed: a step that continues would outlive the lock. All failures are then
// reported together.
/** @param {readonly Promise<unknown>[]} steps */
async function settleAll(steps) {
  const results = await Promise.allSettled(steps);
  const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  if (reasons.length === 1) throw reasons[0];
  if (reasons.length > 1) throw new AggregateError(reasons);
}

function makeToolsFolder() {
  try {
    mkdirSync(TOOLS, { recursive: true });
  } catch (cause) {
    throw new SetupError(
      `the clone cannot be written to (${/** @type {Error} */ (cause).message}).`,
      `give this user write permission for ${ROOT}, or clone to a folder that you own.`,
      { cause },
    );
  }
}

function rejectWindows() {
  if (process.platform !== "win32") return;
  throw new SetupError("Windows is not supported.", "use the Windows Subsystem for Linux (WSL).");
}
