import type { ParseArgsOptionsConfig } from "node:util";
import { type Command, EXIT, type Invocation } from "../command.ts";

/** An option of a command. */
interface ControlOption {
  readonly type: "boolean" | "string";
  /** The name of the value of a string, in capital letters. */
  readonly value?: string;
  readonly description: string;
  readonly multiple?: true;
  readonly default?: string;
  readonly choices?: readonly string[];
}

/** A command as data. */
interface ControlCommand {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly options: Readonly<Record<string, ControlOption>>;
  readonly positionals?: readonly {
    readonly name: string;
    readonly description: string;
    readonly optional?: boolean;
  }[];
  readonly examples: readonly { readonly description: string; readonly line: string }[];
  run(invocation: ControlInvocation): Promise<number>;
}

/** A parsed command line. Its signal aborts when the command must end. */
export interface ControlInvocation extends Invocation {
  readonly signal: AbortSignal;
}

const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Creates a command, with its help text, from data. */
export function defineControlCommand(command: ControlCommand): Command {
  const { name, summary, positionals = [], options } = command;
  const parsed = Object.entries(options).map(([option, { type, multiple, default: fallback }]) => [
    option,
    { type, ...(multiple && { multiple }), ...(fallback !== undefined && { default: fallback }) },
  ]);
  return {
    name,
    summary,
    help: helpOf(command),
    options: Object.fromEntries(parsed) as ParseArgsOptionsConfig,
    allowPositionals: positionals.length > 0,
    async run(invocation) {
      const problem = misuse(command, invocation);
      if (problem !== undefined) {
        invocation.terminal.stderr.write(`snakepit ${name}: ${problem}\nTry \`snakepit ${name} --help\`.\n`);
        return EXIT.misused;
      }
      const ending = new AbortController();
      const end = () => ending.abort();
      for (const signal of ENDING_SIGNALS) process.once(signal, end);
      try {
        return await command.run({ ...invocation, signal: ending.signal });
      } finally {
        for (const signal of ENDING_SIGNALS) process.off(signal, end);
      }
    },
  };
}

function misuse({ positionals = [], options }: ControlCommand, invocation: Invocation): string | undefined {
  const required = positionals.filter(({ optional }) => optional !== true);
  const missing = required[invocation.positionals.length];
  if (missing !== undefined) return `${missing.name} is missing`;
  const extra = invocation.positionals[positionals.length];
  if (extra !== undefined) return `unexpected argument "${extra}"`;
  for (const [name, { choices }] of Object.entries(options)) {
    const value = invocation.values[name];
    if (choices === undefined || value === undefined || choices.includes(value as string)) continue;
    return `--${name} must be ${choices.join(" or ")}; got "${value}"`;
  }
  return undefined;
}

function helpOf({ name, description, positionals = [], options, examples }: ControlCommand): string {
  const args = positionals.map((each) => (each.optional ? `[${each.name}]` : each.name));
  const rows = [
    ...Object.entries(options).map(([option, { value, description: text }]) => [
      `    --${option}${value === undefined ? "" : ` ${value}`}`,
      text,
    ]),
    ["    --json", "Print the result as JSON"],
    ["-h, --help", "Show this help"],
  ] as const;
  const width = Math.max(...[...rows, ...positionals.map((each) => [each.name])].map(([first = ""]) => first.length));
  const row = (first: string, text: string) => `  ${first.padEnd(width)}  ${text}`;
  const sections = [
    `Usage: ${["snakepit", name, ...args, "[options]"].join(" ")}`,
    description,
    ...(positionals.length === 0
      ? []
      : [["Arguments:", ...positionals.map((each) => row(each.name, each.description))].join("\n")]),
    ["Options:", ...rows.map(([first = "", text = ""]) => row(first, text))].join("\n"),
    ["Examples:", ...examples.map(({ line, description: text }) => `  ${line}\n      ${text}`)].join("\n"),
  ];
  return `${sections.join("\n\n")}\n`;
}
