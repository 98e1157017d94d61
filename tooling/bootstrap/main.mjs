import { programOf } from "./commands.mjs";
import { activatedEnvironment } from "./environment.mjs";
import { runInForeground } from "./foreground.mjs";
import { nodeFolder, nodeProgram } from "./node-runtime.mjs";
import { pnpmFolder } from "./pnpm.mjs";
import { prepare } from "./prepare.mjs";
import { Progress, reportFailure } from "./progress.mjs";

/** @param {readonly string[]} argv the command and its arguments */
export async function main([command, ...args]) {
  try {
    const program = programOf(command);
    await prepare(new Progress());
    if (program === undefined) return;
    await runInForeground(nodeProgram(), [program, ...args], activatedEnvironment([nodeFolder(), pnpmFolder()]));
  } catch (thrown) {
    reportFailure(thrown);
    process.exitCode = 1;
  }
}
