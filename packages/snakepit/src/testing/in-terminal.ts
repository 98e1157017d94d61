import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { until } from "./processes.ts";

const RUNNER = join(import.meta.dirname, "in_terminal.py");
const BIN = join(import.meta.dirname, "../command/bin.ts");

export interface TerminalOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Default: 80. */
  readonly columns?: number;
}

/** A command in a pseudo-terminal. */
export class InTerminal {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  /** Everything that the terminal has displayed, with escape sequences. */
  output = "";

  constructor(command: readonly string[], { env = {}, cwd, columns = 80 }: TerminalOptions = {}) {
    // Node.js writes no colors while CI is set.
    const unset = { NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined };
    const inherited = { ...process.env, TERM: "xterm-256color", ...unset };
    this.#child = spawn("python3", [RUNNER, String(columns), ...command], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...inherited, ...env },
      cwd,
    });
    this.#closed = once(this.#child, "close");
    this.#child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      this.output += chunk;
    });
  }

  /** Types text. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Waits until the terminal has displayed something after the first `from` characters of the output. */
  async displays(pattern: RegExp, from = 0): Promise<void> {
    await until(`the terminal displays ${pattern}`, () => {
      if (this.#child.exitCode !== null && !pattern.test(this.output.slice(from))) {
        throw new Error(`the command ended without displaying ${pattern}:\n${this.output}`);
      }
      return pattern.test(this.output.slice(from));
    }).catch((error: unknown) => {
      throw new Error(`displayed:\n${this.output}`, { cause: error });
    });
  }

  /** Waits for the end of the command; resolves with its status. */
  async ended(): Promise<number> {
    await this.#closed;
    return this.#child.exitCode ?? -1;
  }

  /** Kills the command, if it is still running. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    await this.ended();
  }
}

/** The command line that runs `snakepit` from its sources. */
export function snakepit(...args: readonly string[]): readonly string[] {
  return [process.execPath, "--conditions=source", "--disable-warning=ExperimentalWarning", BIN, ...args];
}
