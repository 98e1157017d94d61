import { COMMON_OPTIONS, type Command, type CommandOption, type CommandOptions, type Positional } from "../command.ts";
import { columnsOf, type OutputStream, styleOf } from "../terminal/output-stream.ts";
import { formatList, type ListRow, wrapText } from "../terminal/wrap-text.ts";

/** The widest lines of help: longer ones are hard to read. */
const MAX_COLUMNS = 100;

/** The options of `snakepit` without a command. */
export const GLOBAL_OPTIONS = {
  help: { type: "boolean", short: "h", description: "Show this help, or the help of a command" },
  version: { type: "boolean", description: "Show the version" },
} as const satisfies CommandOptions;

/** Returns the output of `snakepit --help`. */
export function overview(commands: readonly Command[], stream: OutputStream): string {
  const style = styleOf(stream);
  const columns = Math.min(columnsOf(stream), MAX_COLUMNS);
  const list = commands.map(({ name, summary }): ListRow => [name, summary]);
  return `Usage: snakepit <command> [options]

${style("bold", "Commands:")}
${formatList(list, columns)}
${style("bold", "Options:")}
${formatList(optionRows(GLOBAL_OPTIONS), columns)}
Help of a command: snakepit help <command>
`;
}

/** Returns the output of `--help` of a command. */
export function helpOf(command: Command, stream: OutputStream): string {
  const style = styleOf(stream);
  const columns = Math.min(columnsOf(stream), MAX_COLUMNS);
  const list = positionalRows(command);
  const examples = command.examples.map(
    ({ description, line }) => `${style("dim", `  # ${description}`)}\n  ${line}\n`,
  );
  return `Usage: ${usageOf(command)}

${wrapText(command.description, columns).join("\n")}
${list.length === 0 ? "" : `\n${style("bold", "Arguments:")}\n${formatList(list, columns)}`}
${style("bold", "Options:")}
${formatList(optionRows({ ...command.options, ...COMMON_OPTIONS }), columns)}
${style("bold", "Examples:")}
${examples.join("")}`;
}

/** Returns how to write a command, for example `snakepit completion SHELL [options]`. */
export function usageOf({ name, positionals = [] }: Command): string {
  return ["snakepit", name, ...positionals.map(positionalForm), "[options]"].join(" ");
}

function positionalForm({ name, optional, multiple }: Positional): string {
  const form = multiple === true ? `${name}...` : name;
  return optional === true ? `[${form}]` : form;
}

/** How a choice is written. */
type ChoiceFormat = (choice: string) => string;

const plain: ChoiceFormat = (choice) => choice;

/** Returns the positional arguments as rows: their names, and their descriptions with choices. */
export function positionalRows({ positionals = [] }: Command, choice = plain): readonly ListRow[] {
  return positionals.map((each) => [each.name, withChoices(each, choice)]);
}

/** Returns the options as rows: their forms, and their descriptions with defaults and choices. */
export function optionRows(options: CommandOptions, choice = plain): readonly ListRow[] {
  return Object.entries(options).flatMap(([name, option]) => {
    const short = option.short === undefined ? "    " : `-${option.short}, `;
    const value = option.type === "boolean" ? "" : ` ${option.value}`;
    const row: ListRow = [`${short}--${name}${value}`, describeOption(option, choice)];
    return option.type === "boolean" && option.negation !== undefined
      ? [row, [`    --no-${name}`, option.negation]]
      : [row];
  });
}

function describeOption(option: CommandOption, choice: ChoiceFormat): string {
  switch (option.type) {
    case "boolean":
      return option.description;
    case "string": {
      const repeated = option.multiple === true ? `${option.description}; may be repeated` : option.description;
      return withDefault(withChoices({ ...option, description: repeated }, choice), option.default);
    }
    case "integer":
      return withDefault(`${option.description} (${option.min} to ${option.max})`, option.default);
    case "duration":
      return withDefault(option.description, option.default);
    default:
      return option satisfies never;
  }
}

function withChoices(
  { description, choices }: Pick<Positional, "description" | "choices">,
  choice: ChoiceFormat,
): string {
  return choices === undefined ? description : `${description}: ${listed(choices.map(choice))}`;
}

function withDefault(description: string, value: string | number | undefined): string {
  return value === undefined ? description : `${description} (default: ${value})`;
}

/** Returns alternatives for a sentence: `bash, zsh or fish`. */
export function listed(choices: readonly string[]): string {
  return choices.length < 2
    ? choices.join("")
    : `${choices.slice(0, -1).join(", ")} or ${choices[choices.length - 1] ?? ""}`;
}
