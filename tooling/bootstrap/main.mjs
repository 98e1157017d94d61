import { runInForeground } from "./child-process.mjs";
import { commandLine, needsBuild, needsPrograms } from "./commands.mjs";
import { activatedEnvironment } from "./environment.mjs";
import { pnpmFolder } from "./node-packages.mjs";
import { nodeFolder } from "./node-runtime.mjs";
import { prepare } from "./prepare.mjs";
import { Progress, reportFailure } from "./progress.mjs";

/** @param {readonly string[]} argv the command and its arguments */
export async function main(argv) {
  try {
    const [program, ...args] = commandLine(argv);
    await prepare(new Progress(), { build: needsBuild(argv), programs: needsPrograms(argv) });
    if (program === undefined) return;
    await runInForeground(program, args, activatedEnvironment([nodeFolder(), pnpmFolder()]));
  } catch (thrown) {
    reportFailure(thrown);
    process.exitCode = 1;
  }
}
