import { spawn } from "node:child_process";
import { ROOT } from "./workspace.mjs";

/**
 * Runs a command in the foreground, as if it had been started itself: same terminal, signals, exit code.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<void>} resolves when it ended; this process then ends the same way
 */
export function runInForeground(program, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, env, stdio: "inherit" });
    // The terminal sends its Ctrl-C to the child as well: it decides, and this process waits for it.
    const ignore = () => {};
    const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    process.on("SIGINT", ignore);
    process.on("SIGTERM", forward);
    process.on("SIGHUP", forward);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const each of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(each);
      if (signal === null) process.exitCode = code ?? 1;
      else process.kill(process.pid, signal);
      resolve();
    });
  });
}
