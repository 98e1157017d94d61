import type { ParseArgsOptionsConfig } from "node:util";

/** The output of a command: results on stdout, progress and errors on stderr. */
export interface Terminal {
  readonly stdout: { write(chunk: string): unknown };
  readonly stderr: { write(chunk: string): unknown };
}

/** A command of `snakepit`. Each has `--help` and `--json` in addition to its own options. */
export interface Command {
  readonly name: string;
  /** Its description in the list of commands. */
  readonly summary: string;
  /** The output of `--help`. */
  readonly help: string;
  readonly options: ParseArgsOptionsConfig;
  /** Whether the command accepts positional arguments. */
  readonly allowPositionals: boolean;
  /** Runs the command; resolves with the exit code. Errors are printed and result in exit code 1. */
  run(invocation: Invocation): Promise<number>;
}

/** A parsed command line. */
export interface Invocation {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
  readonly terminal: Terminal;
}

/** Exit codes. */
export const EXIT = { ok: 0, failed: 1, misused: 2 } as const;
