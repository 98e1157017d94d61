import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** The result of a program. */
export interface ToolEnd {
  /** The exit status; `undefined` when a signal ended the program or it could not be started. */
  readonly status: number | undefined;
  readonly stdout: string;
  /** The last lines of stderr, or the reason why the program could not be started or was killed. */
  readonly tail: string;
}

export interface RunToolOptions {
  /** Called with each line that the program writes. */
  readonly output?: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
  /** Working directory; by default that of this process. */
  readonly cwd?: string;
  /** Milliseconds after which the program is killed. Default: never. */
  readonly timeoutMs?: number;
  /** Kills the program. */
  readonly signal?: AbortSignal;
}

const TAIL_LINES = 20;

/** Runs a program and resolves with its result. Never rejects. */
export async function runTool(command: readonly string[], options: RunToolOptions = {}): Promise<ToolEnd> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: options.env ?? process.env,
    cwd: options.cwd,
    timeout: options.timeoutMs,
    signal: options.signal,
    killSignal: "SIGKILL",
  });
  const ended = Promise.withResolvers<{ status: number | undefined; problem?: string }>();
  child.once("error", (error) => ended.resolve({ status: undefined, problem: error.message }));
  child.once("close", (code, signal) => {
    // Node.js sets `killed` when the time limit has ended the program.
    if (signal === "SIGKILL" && child.killed) {
      ended.resolve({ status: undefined, problem: `it did not end within ${options.timeoutMs} ms` });
    } else {
      ended.resolve({ status: code ?? undefined });
    }
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  createInterface(child.stdout).on("line", (line) => {
    stdout.push(line);
    options.output?.(line);
  });
  createInterface(child.stderr).on("line", (line) => {
    stderr.push(line);
    options.output?.(line);
  });
  const { status, problem } = await ended.promise;
  return { status, stdout: stdout.join("\n"), tail: problem ?? stderr.slice(-TAIL_LINES).join("\n") };
}

/** Returns whether uv is installed (https://docs.astral.sh/uv/), which requires neither venv nor pip. */
export async function hasUv(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  return (await runTool(["uv", "--version"], { env })).status === 0;
}

/** Receives the progress of a set-up. */
export interface Progress {
  /** Called at the start of a step. */
  step(title: string): void;
  /** Called with each line of the output of a tool. */
  output(line: string): void;
}
