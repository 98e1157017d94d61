import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { type Duration, describeValue, optionMs, optionSignal, SnakepitError } from "@snakepit/core";
import { diagnoseInterpreter } from "../interpreter/diagnose-interpreter.ts";
import { findInterpreter } from "../interpreter/find-interpreter.ts";
import { type Interpreter, SAFE_PATH } from "../interpreter/interpreter.ts";

/** Which interpreter a report is about: by default the one that workers in this directory would use. */
export interface InterpreterChoice {
  /** As the option `python` of `python()`: an executable, a command on `PATH`, or the directory of an environment. */
  readonly python?: string;
  /** Working directory; by default that of this process. */
  readonly cwd?: string;
  /** Environment variables; by default those of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds, or a string such as `"10s"`, after which the interpreter is killed. Default: 30 seconds. */
  readonly timeoutMs?: Duration;
  /** Kills the interpreter; the promise rejects with `CANCELLED`. */
  readonly signal?: AbortSignal;
}

/** The output of a program of the bridge package, and the interpreter that ran it. */
export interface BridgeOutput {
  readonly interpreter: Interpreter;
  /** The parsed JSON. */
  readonly value: unknown;
}

const TIMEOUT_MS = 30_000;
/** The longest time-out of a process in Node.js. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const MAX_OUTPUT = 1 << 26;

/**
 * Runs a program of the Python package that prints JSON, such as `python -m snakepit_bridge environment --json`.
 *
 * @throws SnakepitError `WORKER_START_FAILED` if no interpreter was found, or if it cannot run the bridge package, with
 *   the remedy; `INVALID_CONFIG` if the configured interpreter is invalid; `DEADLINE_EXCEEDED` after the time-out;
 *   `CANCELLED` if the signal aborts.
 */
export async function runBridge(args: readonly string[], choice: InterpreterChoice): Promise<BridgeOutput> {
  const { cwd = process.cwd(), env = process.env, signal } = choice;
  const requestedMs = optionMs("timeoutMs", choice.timeoutMs) ?? TIMEOUT_MS;
  const timeoutMs = Math.min(Math.max(1, Math.ceil(requestedMs)), LONGEST_TIMEOUT_MS);
  if (optionSignal(signal)?.aborted) throw cancelled(signal as AbortSignal);
  if (!(await isDirectory(cwd))) throw missingDirectory(cwd);
  const { python } = choice;
  const interpreter = await findInterpreter({ ...(python !== undefined && { python }), cwd, env });
  const { promise, resolve, reject } = Promise.withResolvers<{ stdout: string; stderr: string; status: string }>();
  const command = ["-m", "snakepit_bridge", ...args, "--json"];
  const options = {
    cwd,
    env: { ...env, ...SAFE_PATH },
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    maxBuffer: MAX_OUTPUT,
    signal,
  } as const;
  try {
    execFile(interpreter.path, command, options, (error, stdout, stderr) => {
      if (signal?.aborted) return reject(cancelled(signal));
      if (error?.killed) return reject(tooSlow(interpreter, args, timeoutMs));
      resolve({
        stdout,
        stderr,
        status: error === null ? "it exited with status 0" : `it exited with status ${error.code}`,
      });
    });
  } catch (thrown) {
    // The process was not started, for example because the system is out of memory.
    reject(
      new SnakepitError(
        "WORKER_START_FAILED",
        `${interpreter.path} could not be started: ${(thrown as Error).message}`,
        { cause: thrown },
      ),
    );
  }
  const { stdout, stderr, status } = await promise;
  const value = parsed(stdout);
  if (value !== undefined) return { interpreter, value };
  if (stderr.startsWith("usage: python -m snakepit_bridge")) {
    throw new SnakepitError(
      "WORKER_START_FAILED",
      `the package snakepit-bridge of ${interpreter.path} is too old for this report; install the current one: npx snakepit setup --python ${interpreter.path}`,
      { startFailure: "permanent", details: { interpreter: interpreter.path } },
    );
  }
  throw await diagnoseInterpreter(interpreter, env, cwd, {
    description: status,
    startFailure: "permanent",
    stderrTail: stderr.trim().split("\n").slice(-20).join("\n"),
  });
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

function missingDirectory(cwd: string): SnakepitError {
  return new SnakepitError("INVALID_CONFIG", `cwd must be an existing directory; got ${describeValue(cwd)}`);
}

function parsed(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    // The interpreter printed something else, or nothing.
    return undefined;
  }
}

function tooSlow(interpreter: Interpreter, args: readonly string[], timeoutMs: number): SnakepitError {
  return new SnakepitError(
    "DEADLINE_EXCEEDED",
    `${interpreter.path} -m snakepit_bridge ${args.join(" ")} did not end within ${timeoutMs} ms and was killed; run it to see where it waits, or set a larger timeoutMs`,
  );
}

function cancelled(signal: AbortSignal): SnakepitError {
  return new SnakepitError("CANCELLED", "the report was cancelled by its signal", { cause: signal.reason });
}
