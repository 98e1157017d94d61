import { parseArgs } from "node:util";
import { nearestName, type SnakepitError, toSnakepitError } from "@snakepit/core";
import { checkNodeVersion } from "../node-version.ts";
import { PACKAGE_VERSION } from "../package-version.ts";
import { type Command, EXIT, type Invocation, type Terminal } from "./command.ts";
import { CONTROL_COMMANDS } from "./control/control-commands.ts";
import { setupCommand } from "./setup/setup-command.ts";

const COMMANDS: readonly Command[] = [setupCommand, ...CONTROL_COMMANDS];

const COMMON_OPTIONS = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
} as const;

/** Runs a command line of `snakepit`; resolves with the exit code and never rejects. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  // `help setup` is an alias of `setup --help`.
  const [name = "--help", ...rest] = args[0] === "help" ? [...args.slice(1), "--help"] : args;
  if (name === "--help" || name === "-h") {
    terminal.stdout.write(overview());
    return EXIT.ok;
  }
  if (name === "--version") {
    terminal.stdout.write(`${PACKAGE_VERSION}\n`);
    return EXIT.ok;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) return misused(terminal, unknownCommand(name), "snakepit");
  let invocation: Invocation;
  try {
    const { values, positionals } = parseArgs({
      args: rest,
      options: { ...COMMON_OPTIONS, ...command.options },
      allowPositionals: command.allowPositionals,
    });
    invocation = { values, positionals, terminal };
  } catch (thrown) {
    return misused(terminal, misuse(thrown, command), `snakepit ${command.name}`);
  }
  if (invocation.values["help"] === true) {
    terminal.stdout.write(command.help);
    return EXIT.ok;
  }
  try {
    checkNodeVersion();
    return await command.run(invocation);
  } catch (thrown) {
    return failed(terminal, toSnakepitError(thrown), invocation.values["json"] === true);
  }
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const list = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: snakepit <command> [options]

Commands:
${list.join("\n")}

Options:
  -h, --help     Show this help, or the help of a command
      --version  Show the version
`;
}

function unknownCommand(name: string): string {
  const names = COMMANDS.map((command) => command.name);
  const nearest = nearestName(name, names);
  const kind = name.startsWith("-") ? "option" : "command";
  return `unknown ${kind} "${name}"${nearest === undefined ? "" : `; did you mean "${nearest}"?`}`;
}

function misuse(thrown: unknown, command: Command): string {
  const { code, message } = thrown as Error & { code?: string };
  const option = /'(-{1,2}[^'\s]*)/.exec(message)?.[1];
  if (code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION" || option === undefined) return message;
  const known = Object.keys({ ...COMMON_OPTIONS, ...command.options });
  const nearest = nearestName(option.replace(/^-+/, ""), known);
  return `unknown option ${option}${nearest === undefined ? "" : `; did you mean --${nearest}?`}`;
}

function misused(terminal: Terminal, message: string, program: string): number {
  terminal.stderr.write(`${program}: ${message}\nTry \`${program} --help\`.\n`);
  return EXIT.misused;
}

function failed(terminal: Terminal, error: SnakepitError, json: boolean): number {
  if (json) terminal.stdout.write(`${JSON.stringify({ error: { code: error.code, message: error.message } })}\n`);
  else terminal.stderr.write(`snakepit: ${error.message}\n`);
  return EXIT.failed;
}
