import type { Command } from "../command.ts";
import {
  type CompletedOption,
  type CompletedValue,
  type CompletedWord,
  completedCommands,
  completedOptions,
  completedValue,
} from "./completed-words.ts";

/**
 * Returns the completion script for bash, which needs no other package and runs in version 3.2, which macOS has.
 * There, file names are completed where directories are expected, because compopt is missing.
 */
export function bashScript(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name);
  const first = [...completedCommands(commands).map(({ word }) => word), "--help", "--version"];
  return `# Completes snakepit in bash. Printed by: snakepit completion bash
_snakepit() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} position=0 index word
  COMPREPLY=()
  # bash splits --option=value into three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if ((COMP_CWORD == 1)); then
    _snakepit_words "${first.join(" ")}"
    return
  fi
  case \${COMP_WORDS[1]} in
    help)
      ((COMP_CWORD == 2)) && _snakepit_words "${names.join(" ")}" || _snakepit_nothing
      ;;
${commands.map(branchOf).join("")}    *)
      _snakepit_nothing
      ;;
  esac
}

_snakepit_words() {
  COMPREPLY=($(compgen -W "$1" -- "$current"))
  [[ \${#COMPREPLY[@]} -gt 0 ]] || _snakepit_nothing
}

# Without words, "-o default" below completes file names.
_snakepit_nothing() {
  compopt +o default 2>/dev/null
}

_snakepit_directories() {
  compopt -o dirnames +o default 2>/dev/null
}

complete -o default -F _snakepit snakepit
`;
}

function branchOf(command: Command): string {
  const options = completedOptions(command);
  const withValue = options.filter((option) => option.value !== undefined);
  const words = options.flatMap(({ word, short }) => (short === undefined ? [word] : [word, short]));
  return `    ${command.name})
      case $previous in
${withValue.map(valueBranch).join("")}      esac
      if [[ $current == -* ]]; then
        _snakepit_words "${words.join(" ")}"
        return
      fi
${positionalBranches(command, withValue)}      ;;
`;
}

function valueBranch({ word, short, value }: CompletedOption): string {
  const pattern = short === undefined ? word : `${word} | ${short}`;
  return `        ${pattern})
          ${actionOf(value?.completes ?? "nothing")}
          return
          ;;
`;
}

/** Counts the positionals before the current word, without options and their values. */
function positionalBranches({ positionals = [] }: Command, withValue: readonly CompletedOption[]): string {
  if (positionals.length === 0) return "      _snakepit_nothing\n";
  const skipped = withValue.flatMap(({ word, short }) => (short === undefined ? [word] : [word, short]));
  const skipping =
    skipped.length === 0
      ? ""
      : `          ${skipped.join(" | ")})
            [[ \${COMP_WORDS[index+1]} == = ]] && ((index += 2)) || ((index += 1))
            ;;
`;
  const branches = positionals.map((positional, index) => {
    const pattern = positional.multiple === true ? "*" : String(index);
    return `        ${pattern}) ${actionOf(completedValue(positional))} ;;\n`;
  });
  const rest = positionals.at(-1)?.multiple === true ? "" : "        *) _snakepit_nothing ;;\n";
  return `      for ((index = 2; index < COMP_CWORD; index++)); do
        word=\${COMP_WORDS[index]}
        case $word in
${skipping}          -*) ;;
          *) ((position += 1)) ;;
        esac
      done
      case $position in
${branches.join("")}${rest}      esac
`;
}

function actionOf(value: CompletedValue): string {
  if (typeof value !== "string") return `_snakepit_words "${wordsOf(value)}"`;
  switch (value) {
    case "file":
      return ":";
    case "directory":
      return "_snakepit_directories";
    case "nothing":
      return "_snakepit_nothing";
    default:
      return value satisfies never;
  }
}

function wordsOf(words: readonly CompletedWord[]): string {
  return words.map(({ word }) => word).join(" ");
}
