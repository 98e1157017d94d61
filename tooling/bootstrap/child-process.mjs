import { spawn } from "node:child_process";
import { ROOT } from "./workspace.mjs";

const KEPT_LINES = 25;

/**
 * @typedef {object} ToolResult
 * @property {number | NodeJS.Signals} status exit code or signal
 * @property {string} stdout
 * @property {string} tail the last lines of both outputs
 */

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/** The signals that a command in the foreground receives from this process; the terminal sends it SIGINT itself. */
const FORWARDED = /** @type {const} */ (["SIGTERM", "SIGHUP"]);
const SIGNALS = /** @type {const} */ (["SIGINT", ...FORWARDED]);

/** @param {NodeJS.Signals} signal */
function endWithTools(signal) {
  for (const child of running) child.kill(signal);
  for (const each of SIGNALS) process.removeListener(each, endWithTools);
  process.kill(process.pid, signal);
}

/** @param {import("node:child_process").ChildProcess} child */
function add(child) {
  if (running.size === 0) for (const signal of SIGNALS) process.on(signal, endWithTools);
  running.add(child);
}

/** @param {import("node:child_process").ChildProcess} child */
function remove(child) {
  running.delete(child);
  if (running.size === 0) for (const signal of SIGNALS) process.removeListener(signal, endWithTools);
}

/**
 * Runs a tool of the set-up without terminal output and captures its output.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd?: string }} options
 * @returns {Promise<ToolResult>} rejects only if the program cannot be started
 */
export function runTool(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? ROOT,
      env: options.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    add(child);
    let stdout = "";
    let all = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      all += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      all += text;
    });
    child.on("error", (cause) => {
      remove(child);
      reject(cause);
    });
    child.on("close", (code, signal) => {
      remove(child);
      resolve({ status: signal ?? code ?? 1, stdout, tail: lastLines(all) });
    });
  });
}

/** @param {string} text */
function lastLines(text) {
  return text.trimEnd().split("\n").slice(-KEPT_LINES).join("\n");
}

/**
 * Runs a command in the foreground, as if the user had started it: same terminal, signals and exit code.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<void>} resolves when the command has ended; this process then ends with the same status
 */
export function runInForeground(program, args, env) {
  return new Promise((resolve, reject) => {
    // Install the handlers before the child starts: a signal in between would end this process and orphan the child.
    // The terminal also sends Ctrl-C to the child: the child handles it, and this process waits.
    process.on("SIGINT", () => {});
    for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
    const child = spawn(program, args, { cwd: ROOT, env, stdio: "inherit" });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const each of SIGNALS) process.removeAllListeners(each);
      if (signal === null) process.exitCode = code ?? 1;
      else process.kill(process.pid, signal);
      resolve();
    });
  });
}
