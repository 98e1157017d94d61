import type { Command } from "../command.ts";
import {
  type CompletedOption,
  type CompletedValue,
  type CompletedWord,
  completedCommands,
  completedOptions,
  completedValue,
} from "./completed-words.ts";

/** Returns the completion script for zsh: a function for a directory of `fpath` that may also be sourced. */
export function zshScript(commands: readonly Command[]): string {
  return `#compdef snakepit
# Completes snakepit in zsh. Printed by: snakepit completion zsh
_snakepit() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \\
    '(- *)'{-h,--help}'[Show help]' \\
    '(- *)--version[Show the version]' \\
    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
${described(completedCommands(commands), "        ")}
      )
      _describe -t commands command commands
      ;;
    argument)
      case $line[1] in
        help)
          local -a commands=(
${described(completedCommands(commands.filter(({ name }) => name !== "help")).slice(0, -1), "            ")}
          )
          _arguments '1:command:(($commands))'
          ;;
${commands.map(branchOf).join("")}      esac
      ;;
  esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _snakepit "$@"
else
  compdef _snakepit snakepit
fi
`;
}

function branchOf(command: Command): string {
  const options = completedOptions(command).map(optionSpec);
  const positionals = (command.positionals ?? []).map((positional, index) => {
    const place = positional.multiple === true ? "*" : String(index + 1);
    const separator = positional.optional === true && positional.multiple !== true ? "::" : ":";
    return quoted(`${place}${separator}${positional.name}:${actionOf(completedValue(positional))}`);
  });
  return `        ${command.name})
          _arguments -s ${[...options, ...positionals].map((spec) => `\\\n            ${spec}`).join(" ")}
          ;;
`;
}

function optionSpec({ word, short, repeats, description, value }: CompletedOption): string {
  const text = `[${escaped(description, /[\\[\]]/g)}]`;
  const argument = value === undefined ? "" : `:${value.name}:${actionOf(value.completes)}`;
  const assignment = value === undefined ? "" : "=";
  const star = repeats ? "*" : "";
  if (short === undefined) return quoted(`${star}${word}${assignment}${text}${argument}`);
  return `'(${short} ${word})'{${short},${word}${assignment}}${quoted(`${text}${argument}`)}`;
}

function actionOf(value: CompletedValue): string {
  if (typeof value !== "string") return `(${value.map(({ word }) => word).join(" ")})`;
  switch (value) {
    case "file":
      return "_files";
    case "directory":
      return "_files -/";
    case "nothing":
      return " ";
    default:
      return value satisfies never;
  }
}

function described(words: readonly CompletedWord[], indent: string): string {
  return words
    .map(({ word, description }) => `${indent}${quoted(`${word}:${escaped(description, /[\\:]/g)}`)}`)
    .join("\n");
}

function escaped(text: string, special: RegExp): string {
  return text.replace(special, (character) => `\\${character}`);
}

/** Returns a string as one word of the shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
