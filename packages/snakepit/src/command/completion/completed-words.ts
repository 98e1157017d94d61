import { COMMON_OPTIONS, type Command, type CommandOption, type CommandOptions } from "../command.ts";

/** A word that a shell completes, with its description. */
export interface CompletedWord {
  readonly word: string;
  readonly description: string;
}

/** What a shell completes at one place: fixed words, the names of files or directories, or nothing. */
export type CompletedValue = readonly CompletedWord[] | "file" | "directory" | "nothing";

/** An option as a shell completes it. */
export interface CompletedOption extends CompletedWord {
  /** The short form, for example `-h`. */
  readonly short?: string;
  readonly repeats: boolean;
  /** The value that follows; absent for options without one. */
  readonly value?: { readonly name: string; readonly completes: CompletedValue };
}

/** Returns the options of a command, those of all commands included. */
export function completedOptions(command: Command): readonly CompletedOption[] {
  const options: CommandOptions = { ...command.options, ...COMMON_OPTIONS };
  return Object.entries(options).flatMap(([name, option]) => {
    const positive = completedOption(`--${name}`, option);
    if (option.type !== "boolean" || option.negation === undefined) return [positive];
    return [positive, { word: `--no-${name}`, description: option.negation, repeats: false }];
  });
}

function completedOption(word: string, option: CommandOption): CompletedOption {
  const { description, short } = option;
  return {
    word,
    description,
    ...(short !== undefined && { short: `-${short}` }),
    repeats: option.type === "string" && option.multiple === true,
    ...(option.type !== "boolean" && {
      value: { name: option.value, completes: option.type === "string" ? completedValue(option) : "nothing" },
    }),
  };
}

/** Returns what a shell completes for an option or a positional. */
export function completedValue({
  choices,
  completes,
}: {
  readonly choices?: readonly string[];
  readonly completes?: "file" | "directory";
}): CompletedValue {
  return choices?.map((word) => ({ word, description: "" })) ?? completes ?? "nothing";
}

/** Returns the commands, and `help`, whose argument is a command. */
export function completedCommands(commands: readonly Command[]): readonly CompletedWord[] {
  return [
    ...commands.map(({ name, summary }) => ({ word: name, description: summary })),
    { word: "help", description: "Show the help of a command" },
  ];
}
