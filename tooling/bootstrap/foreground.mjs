import { spawn } from "node:child_process";
import { ROOT } from "./workspace.mjs";

const FORWARDED = /** @type {const} */ (["SIGTERM", "SIGHUP"]);

/**
 * Runs a command in the foreground, as if it had been started itself: same terminal, signals, exit code.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<void>} resolves when it ended; this process then ends the same way
 */
export function runInForeground(program, args, env) {
  return new Promise((resolve, reject) => {
    // First the handlers, then the child: a signal in between would end this process and leave the child behind. The
    // terminal sends its Ctrl-C to the child as well: the child decides, and this process waits for it.
    process.on("SIGINT", () => {});
    for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
    const child = spawn(program, args, { cwd: ROOT, env, stdio: "inherit" });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const each of ["SIGINT", ...FORWARDED]) process.removeAllListeners(each);
      if (signal === null) process.exitCode = code ?? 1;
      else process.kill(process.pid, signal);
      resolve();
    });
  });
}
