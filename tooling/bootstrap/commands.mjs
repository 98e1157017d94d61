import { existsSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "./setup-error.mjs";
import { ROOT } from "./workspace.mjs";

/** What each command runs once the clone is prepared; TypeScript, run by Node itself. */
const PROGRAMS = new Map([
  ["demo", "apps/examples/src/demo/main.ts"],
  ["test", "tooling/test-suite/main.ts"],
  ["bench", "benchmarks/src/main.ts"],
  ["check", "tooling/check/main.ts"],
]);

/** The command that only prepares. */
export const SETUP = "setup";

/**
 * @param {string | undefined} command
 * @returns {string | undefined} path of the program; undefined for the command that only prepares
 */
export function programOf(command) {
  if (command === SETUP) return undefined;
  const program = PROGRAMS.get(command ?? "");
  const known = [...PROGRAMS.keys(), SETUP].join(", ");
  if (program === undefined) throw new SetupError(`there is no command "${command ?? ""}".`, `use one of: ${known}.`);
  const path = join(ROOT, program);
  if (existsSync(path)) return path;
  throw new SetupError(`${program} is missing from this clone.`, 'restore it, for example with "git checkout -- .".');
}
