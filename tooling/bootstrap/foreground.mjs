import { spawn } from "node:child_process";
import { ROOT } from "./workspace.mjs";

const FORWARDED = /** @type {const} */ (["SIGTERM", "SIGHUP"]);

/**
 * Runs a command in the foreground, as if the user had started it: same terminal, signals and exit code.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<void>} resolves when the command has ended; this process then ends with the same status
 */
export function runInForeground(program, args, env) {
  return new Promise((resolve, reject) => {
    // Install the handlers before the child starts: a signal in between would end this process and orphan the child. The
    // terminal also sends Ctrl-C to the child: the child handles it, and this process waits.
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
