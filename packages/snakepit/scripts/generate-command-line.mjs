// Generates docs/command-line.md from the table of commands, from which help and completion are made, too.
// With --check, it writes nothing and fails if the file is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { COMMON_OPTIONS } from "../src/command/command.ts";
import { COMMANDS } from "../src/command/commands.ts";
import { optionRows, positionalRows, usageOf } from "../src/command/help/help-text.ts";

const COMMAND = "pnpm --filter snakepit run generate:command-line";
const file = resolve(import.meta.dirname, "../../../docs/command-line.md");

const page = `<!-- Generated from packages/snakepit/src/command by \`${COMMAND}\`; not to be edited. -->

# Command line

\`npx snakepit <command>\` runs the command of the installed package. \`snakepit help <command>\` shows the text of this
page in a terminal.

| command | |
|---|---|
${COMMANDS.map(({ name, summary }) => `| [\`snakepit ${name}\`](#snakepit-${name}) | ${cell(summary)} |`).join("\n")}

## Output and exit codes

Results are written to stdout, and errors and progress to stderr. Progress is shown in terminals only. With \`--json\`,
every command prints one JSON document in one line; an error is \`{"error": {"code": …, "message": …}}\` with a code of
[this list](errors.md). Commands that do not end print one document per line.

| exit code | meaning |
|---|---|
| 0 | The command succeeded. |
| 1 | The command failed. |
| 2 | The command line is invalid: an unknown command or option, a missing or invalid value. |
| 128 + n | Signal n ended the command, for example 130 after Ctrl-C. 141: the reader of its output has exited. |

Output has colors in terminals that support them. \`NO_COLOR=1\` disables them, and \`FORCE_COLOR=1\` enables them in
pipes. Every command accepts these options:

${optionTable(COMMON_OPTIONS)}

${COMMANDS.map(section).join("\n\n")}
`;

function section(command) {
  const { name, description, options, examples } = command;
  const positionals = positionalRows(command, code);
  return [
    `## snakepit ${name}`,
    `\`\`\`sh\n${usageOf(command)}\n\`\`\``,
    description.split("\n\n").map(wrapped).join("\n\n"),
    ...(positionals.length === 0 ? [] : [table("argument", positionals)]),
    ...(Object.keys(options).length === 0 ? [] : [optionTable(options)]),
    `\`\`\`sh\n${examples.map((example) => `# ${example.description}\n${example.line}`).join("\n\n")}\n\`\`\``,
  ].join("\n\n");
}

function optionTable(options) {
  return table("option", optionRows(options, code));
}

function table(title, rows) {
  const lines = rows.map(([term, description]) => `| \`${term.trim()}\` | ${cell(description)} |`);
  return [`| ${title} | |`, "|---|---|", ...lines].join("\n");
}

function code(text) {
  return `\`${text}\``;
}

function cell(text) {
  return text.replaceAll("|", "\\|");
}

/** Breaks a paragraph into lines of at most 120 columns. */
function wrapped(paragraph) {
  const lines = [""];
  for (const word of paragraph.split(" ")) {
    const line = lines.at(-1);
    if (line !== "" && line.length + 1 + word.length > 120) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("\n");
}

if (!process.argv.includes("--check")) {
  writeFileSync(file, page);
} else if (readFileSync(file, "utf8") !== page) {
  process.stderr.write(`docs/command-line.md is out of date; run: ${COMMAND}\n`);
  process.exitCode = 1;
}
