import type { Duration } from "@snakepit/core";
import type { OutputStream } from "./terminal/output-stream.ts";

/** The streams of a command: results on stdout, progress and errors on stderr. */
export interface Terminal {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

interface DescribedOption {
  /** Its description in help and documentation: a sentence without a final period. */
  readonly description: string;
  /** The letter of its short form, for example `f` for `-f`. */
  readonly short?: string;
}

/** An option without a value, for example `--fix`. Its value is `false` by default. */
export interface BooleanOption extends DescribedOption {
  readonly type: "boolean";
  /** The description of the form `--no-NAME`, if the option has one; the value is then `undefined` by default. */
  readonly negation?: string;
}

/** An option with a string, for example `--python PYTHON`. */
export interface StringOption extends DescribedOption {
  readonly type: "string";
  /** The name of its value in help, in capital letters. */
  readonly value: string;
  /** Whether the option may be repeated; its value is then an array, empty by default. */
  readonly multiple?: true;
  readonly default?: string;
  /** The accepted values; by default any string. */
  readonly choices?: readonly string[];
  /** What shells complete if there are no choices; by default nothing. */
  readonly completes?: "file" | "directory";
}

/** An option with an integer, for example `--pool-size N`. */
export interface IntegerOption extends DescribedOption {
  readonly type: "integer";
  /** The name of its value in help, in capital letters. */
  readonly value: string;
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

/** An option with a time and its unit, for example `--timeout 30s`. Its value is in milliseconds. */
export interface DurationOption extends DescribedOption {
  readonly type: "duration";
  /** The name of its value in help, in capital letters. */
  readonly value: string;
  /** Whether 0 is accepted. Default: `false`. */
  readonly zero?: true;
  /** As it is written on the command line. */
  readonly default?: Duration;
}

export type CommandOption = BooleanOption | StringOption | IntegerOption | DurationOption;

/** Options by name, without the hyphens. */
export type CommandOptions = Readonly<Record<string, CommandOption>>;

/** An argument that is identified by its position. */
export interface Positional {
  /** Its name in help, in capital letters. */
  readonly name: string;
  readonly description: string;
  /** Whether it may be omitted. Default: `false`. */
  readonly optional?: boolean;
  /** Whether it may be repeated; only the last positional may. Default: `false`. */
  readonly multiple?: boolean;
  /** The accepted values; by default any string. */
  readonly choices?: readonly string[];
  /** What shells complete if there are no choices; by default nothing. */
  readonly completes?: "file" | "directory";
}

/** A command line in help and documentation. */
export interface Example {
  /** What it does: a sentence without a final period. */
  readonly description: string;
  readonly line: string;
}

/**
 * A command of `snakepit`, as data: the help text, the completion of shells and the documentation are made from it.
 * Each command has `--help` and `--json` in addition to its options.
 *
 * The module of a command is loaded at each start of `snakepit`, so it contains only this data. `run` imports the
 * implementation dynamically.
 */
export interface Command {
  readonly name: string;
  /** Its description in the list of commands: a phrase without a final period. */
  readonly summary: string;
  /** Complete sentences; an empty line separates paragraphs. */
  readonly description: string;
  readonly options: CommandOptions;
  /** Default: none. */
  readonly positionals?: readonly Positional[];
  /** At least one. */
  readonly examples: readonly Example[];
  /**
   * What SIGINT, SIGTERM and SIGHUP do. `end`, the default: they end the process as usual. `abort`: the first one
   * aborts the signal of the invocation, and the command has to end soon; the next one ends the process. If the command
   * then resolves, its exit code is used; if it rejects, the signal ends the process.
   */
  readonly onSignal?: "end" | "abort";
  /** Runs the command; resolves with the exit code. Errors are printed and result in exit code 1. */
  run(invocation: Invocation): Promise<number>;
}

/** A parsed command line. */
export interface Invocation<Values = Readonly<Record<string, unknown>>> {
  /** The values of the options. */
  readonly values: Values;
  readonly positionals: readonly string[];
  readonly terminal: Terminal;
  /** All commands of `snakepit`, for those that describe them. */
  readonly commands: readonly Command[];
  /** Aborts when the process receives a signal to end, if the command has `onSignal: "abort"`. */
  readonly signal: AbortSignal;
}

/** The values of options, by name. */
export type ValuesOf<Options extends CommandOptions> = {
  readonly [Name in keyof Options]: ValueOf<Options[Name]>;
} & { readonly json: boolean };

type ValueOf<Option extends CommandOption> = Option extends BooleanOption
  ? Option extends { readonly negation: string }
    ? boolean | undefined
    : boolean
  : Option extends { readonly multiple: true }
    ? readonly SingleValueOf<Option>[]
    : Option extends { readonly default: unknown }
      ? SingleValueOf<Option>
      : SingleValueOf<Option> | undefined;

type SingleValueOf<Option extends CommandOption> = Option extends IntegerOption | DurationOption
  ? number
  : Option extends { readonly choices: readonly (infer Choice)[] }
    ? Choice
    : string;

/** A command whose invocation has typed values. */
export interface CommandDefinition<Options extends CommandOptions> extends Omit<Command, "options" | "run"> {
  readonly options: Options;
  run(invocation: Invocation<ValuesOf<Options>>): Promise<number>;
}

/** Returns the command of a definition. The types of the values follow from the options. */
export function defineCommand<const Options extends CommandOptions>(definition: CommandDefinition<Options>): Command {
  return definition;
}

/** The options of every command. */
export const COMMON_OPTIONS = {
  json: { type: "boolean", description: "Print the result as JSON" },
  help: { type: "boolean", short: "h", description: "Show this help" },
} as const satisfies CommandOptions;

/** Exit codes. */
export const EXIT = { ok: 0, failed: 1, misused: 2 } as const;
