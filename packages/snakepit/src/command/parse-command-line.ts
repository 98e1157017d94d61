import { parseArgs } from "node:util";
import { COMMON_OPTIONS, type Command, type CommandOption, type CommandOptions, type Positional } from "./command.ts";
import { listed } from "./help/help-text.ts";

// node:util's parseArgs reads the tokens; the table of each command is checked here, because help, completion and
// documentation are made from the same table (docs/decisions/0048-command-line.md).

/** A command line that cannot be executed as it is written. */
export class MisuseError extends Error {
  override readonly name = "MisuseError";
}

/** The arguments of a command. */
export interface ParsedArguments {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

/** A value on the command line, `undefined` if the option has none there. */
interface Occurrence {
  readonly rawName: string;
  readonly value: string | undefined;
  readonly isInline: boolean;
  readonly isNegated: boolean;
}

/**
 * Parses the arguments of a command.
 *
 * @throws MisuseError with the problem; for an unknown option, with the most similar one.
 */
export async function parseArguments(command: Command, args: readonly string[]): Promise<ParsedArguments> {
  const options: CommandOptions = { ...command.options, ...COMMON_OPTIONS };
  const { tokens } = parseArgs({ args: [...args], options: parseOptions(options), strict: false, tokens: true });
  const occurrences = new Map<string, Occurrence[]>(Object.keys(options).map((name) => [name, []]));
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const name = optionName(token.name, options);
    if (name === undefined) throw new MisuseError(await unknownOption(token.rawName, options));
    const isNegated = name !== token.name;
    occurrences.get(name)?.push({ ...token, isInline: token.inlineValue === true, isNegated });
  }
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) values[name] = optionValue(option, occurrences.get(name) ?? []);
  // Help is also shown for an incomplete command line.
  if (values["help"] !== true) checkPositionals(command.positionals ?? [], positionals);
  return { values, positionals };
}

function parseOptions(options: CommandOptions) {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, option]) => {
      const type = option.type === "boolean" ? ("boolean" as const) : ("string" as const);
      const entry = [name, { type, ...(option.short !== undefined && { short: option.short }) }] as const;
      return hasNegation(option) ? [entry, [`no-${name}`, { type }] as const] : [entry];
    }),
  );
}

function hasNegation(option: CommandOption): boolean {
  return option.type === "boolean" && option.negation !== undefined;
}

function optionName(written: string, options: CommandOptions): string | undefined {
  if (Object.hasOwn(options, written)) return written;
  const positive = written.startsWith("no-") ? written.slice("no-".length) : undefined;
  const option = positive !== undefined && Object.hasOwn(options, positive) ? options[positive] : undefined;
  return option !== undefined && hasNegation(option) ? positive : undefined;
}

async function unknownOption(rawName: string, options: CommandOptions): Promise<string> {
  const { nearestName } = await import("@snakepit/core");
  const nearest = nearestName(rawName.replace(/^-+/, ""), Object.keys(options));
  return `unknown option ${rawName}${nearest === undefined ? "" : `; did you mean --${nearest}?`}`;
}

/** Returns the value of an option; the last occurrence takes precedence. */
function optionValue(option: CommandOption, occurrences: readonly Occurrence[]): unknown {
  switch (option.type) {
    case "boolean": {
      for (const { rawName, isInline } of occurrences) {
        if (isInline) throw new MisuseError(`${rawName} has no value; write ${rawName}`);
      }
      const last = occurrences.at(-1);
      if (last === undefined) return option.negation === undefined ? false : undefined;
      return !last.isNegated;
    }
    case "string": {
      const values = occurrences.map((each) => checkedString(each, option));
      if (option.multiple === true) return values;
      return values.at(-1) ?? option.default;
    }
    case "integer":
      return occurrences.map((each) => checkedInteger(each, option)).at(-1) ?? option.default;
    default:
      return option satisfies never;
  }
}

function givenValue({ rawName, value, isInline }: Occurrence, valueName: string): string {
  if (value === undefined) throw new MisuseError(`${rawName} requires a value: ${rawName} ${valueName}`);
  if (isInline || !value.startsWith("-") || value === "-") return value;
  throw new MisuseError(
    `${rawName} requires a value: ${rawName} ${valueName}; got ${value}; write ${rawName}=${value} if that is the value`,
  );
}

function checkedString(occurrence: Occurrence, { value: valueName, choices }: CommandOption & { type: "string" }) {
  const value = givenValue(occurrence, valueName);
  if (choices === undefined || choices.includes(value)) return value;
  throw new MisuseError(`${occurrence.rawName} must be ${listed(choices)}; got "${value}"`);
}

function checkedInteger(occurrence: Occurrence, { value: valueName, min, max }: CommandOption & { type: "integer" }) {
  const text = givenValue(occurrence, valueName);
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new MisuseError(`${occurrence.rawName} must be an integer from ${min} to ${max}; got "${text}"`);
}

function checkPositionals(expected: readonly Positional[], positionals: readonly string[]): void {
  const last = expected.at(-1);
  for (const [index, value] of positionals.entries()) {
    const positional = expected[index] ?? (last?.multiple === true ? last : undefined);
    if (positional === undefined) throw new MisuseError(`unexpected argument "${value}"`);
    const { name, choices } = positional;
    if (choices !== undefined && !choices.includes(value)) {
      throw new MisuseError(`${name} must be ${listed(choices)}; got "${value}"`);
    }
  }
  const missing = expected.slice(positionals.length).find((each) => each.optional !== true);
  if (missing === undefined) return;
  const { name, description, choices } = missing;
  const accepted = choices === undefined ? "" : `: ${listed(choices)}`;
  throw new MisuseError(`missing argument ${name}: ${description}${accepted}`);
}
