import { existsSync } from "node:fs";
import { join } from "node:path";
import { nodeProgram } from "./node-runtime.mjs";
import { SetupError } from "./setup-error.mjs";
import { ROOT } from "./workspace.mjs";

/** The TypeScript program of each command, which Node.js runs after the set-up. */
const PROGRAMS = new Map([
  ["demo", "apps/examples/src/demo/main.ts"],
  ["test", "tooling/test-suite/main.ts"],
  ["bench", "benchmarks/src/main.ts"],
  ["chaos", "batteries/src/chaos/main.ts"],
  ["fuzz", "batteries/src/fuzz/main.ts"],
  ["check", "tooling/check/main.ts"],
  ["docs", "apps/site/src/main.ts"],
  ["format", "tooling/format/main.ts"],
  ["codegen", "tooling/codegen/main.ts"],
  ["release:version", "tooling/release/main.ts"],
  ["proto:baseline", "tooling/codegen/proto-baseline.ts"],
]);

/** Commands that change sources, which need not compile yet: code may use names that are still to be generated. */
const WITHOUT_BUILD = new Set(["codegen", "format", "proto:baseline"]);

/** Commands that run programs of other projects: a browser and Prometheus. */
const WITH_PROGRAMS = new Set(["test", "setup"]);

/** Only prepares the clone. */
const SETUP = "setup";
/** Runs any program with the project's tools on PATH. */
const EXEC = "exec";

/**
 * @param {readonly string[]} argv a command and its arguments
 * @returns {boolean} whether the command needs the TypeScript sources to be built
 */
export function needsBuild([command = ""]) {
  return !WITHOUT_BUILD.has(command);
}

/**
 * @param {readonly string[]} argv a command and its arguments
 * @returns {boolean} whether the command runs the programs of Debian
 */
export function needsPrograms([command = ""]) {
  return WITH_PROGRAMS.has(command);
}

/**
 * @param {readonly string[]} argv a command and its arguments
 * @returns {readonly string[]} a program and its arguments, or an empty array
 */
export function commandLine([command = "", ...args]) {
  if (command === SETUP) return [];
  if (command === EXEC) return args;
  const program = PROGRAMS.get(command);
  if (program === undefined) {
    const known = [...PROGRAMS.keys(), SETUP, EXEC].join(", ");
    throw new SetupError(`command must be one of ${known}; got "${command}".`, "run one of these commands.");
  }
  const path = join(ROOT, program);
  if (existsSync(path)) return [nodeProgram(), path, ...args];
  throw new SetupError(`${program} is missing from this clone.`, 'restore it, for example with "git checkout -- .".');
}
