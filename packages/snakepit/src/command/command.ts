import type { ParseArgsOptionsConfig } from "node:util";

/** Where a command writes to: results to stdout, progress and errors to stderr. */
export interface Terminal {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** A command of `snakepit`. Each has `--help` and `--json` in addition to its own options. */
export interface Command {
  readonly name: string;
  /** What it does, for the list of commands. */
  readonly summary: string;
  /** The text of `--help`. */
  readonly help: string;
  readonly options: ParseArgsOptionsConfig;
  /** Whether the command line may hold something that is no option. */
  readonly allowPositionals: boolean;
  /** Runs it; resolves with what the process exits with. What it throws is shown, and is a failure. */
  run(invocation: Invocation): Promise<number>;
}

/** A command line that was understood. */
export interface Invocation {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
  readonly terminal: Terminal;
}

/** What the process exits with. */
export const EXIT = { ok: 0, failed: 1, misused: 2 } as const;
