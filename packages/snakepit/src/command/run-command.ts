import { PACKAGE_VERSION } from "../package-version.ts";
import { COMMON_OPTIONS, type Command, EXIT, type Invocation, type Terminal } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { helpOf, overview } from "./help/help-text.ts";
import { Interruption } from "./interruption.ts";
import { MisuseError, parseArguments } from "./parse-command-line.ts";
import { printable } from "./terminal/output-stream.ts";

// Imports nothing but the tables of the commands, so that help is shown quickly; the rest is loaded when it is used.

/** Runs a command line of `snakepit`; resolves with the exit code and never rejects. */
export async function runCommand(
  args: readonly string[],
  terminal: Terminal,
  commands: readonly Command[] = COMMANDS,
): Promise<number> {
  // `help setup` is an alias of `setup --help`, also with the option that every command has.
  const isHelp = args[0] === "help";
  const [name = "--help", ...rest] = isHelp ? [...args.slice(1).filter((arg) => arg !== "--json"), "--help"] : args;
  if (name === "--help" || name === "-h") {
    terminal.stdout.write(overview(commands, terminal.stdout));
    return EXIT.ok;
  }
  if (name === "--version") {
    terminal.stdout.write(`${PACKAGE_VERSION}\n`);
    return EXIT.ok;
  }
  const asJson = requestsJson(args);
  const command = commands.find((each) => each.name === name);
  if (command === undefined) return misused(terminal, await unknownCommand(name, commands), "snakepit", asJson);
  try {
    const { values, positionals } = await parseArguments(command, rest);
    if (values["help"] !== true) return await run(command, { values, positionals, terminal, commands }, asJson);
    terminal.stdout.write(helpOf(command, terminal.stdout));
    return EXIT.ok;
  } catch (thrown) {
    if (!(thrown instanceof MisuseError)) throw thrown;
    return misused(terminal, thrown.message, `snakepit ${command.name}`, asJson);
  }
}

/**
 * Reports that a command waits for a promise that nothing can settle any longer, as in a configuration file; returns
 * the exit code.
 */
export function reportUnsettled(args: readonly string[], terminal: Terminal): number {
  const message =
    "the command waits for a promise that nothing settles; check the functions and the top-level await of snakepit.config.ts";
  if (requestsJson(args)) terminal.stdout.write(`${JSON.stringify({ error: { code: "INTERNAL", message } })}\n`);
  else terminal.stderr.write(`snakepit: ${message}\n`);
  return EXIT.failed;
}

/** Whether a command line requests JSON; also known when it is invalid. */
function requestsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end === -1 ? args : args.slice(0, end);
  const format = options.findLast((_, index) => options[index - 1] === "--format") === "json";
  return options.includes("--json") || options.includes("--format=json") || format;
}

async function run(command: Command, invocation: Omit<Invocation, "signal">, asJson: boolean): Promise<number> {
  const interruption = new Interruption();
  if (command.onSignal === "abort") interruption.start();
  try {
    const { checkNodeVersion } = await import("../node-version.ts");
    checkNodeVersion();
    return await command.run({ ...invocation, signal: interruption.signal });
  } catch (thrown) {
    // A command may detect misuse that its table cannot describe.
    if (thrown instanceof MisuseError) throw thrown;
    if (interruption.endProcess()) return EXIT.failed;
    return await failed(invocation.terminal, thrown, asJson);
  } finally {
    interruption.stop();
  }
}

async function unknownCommand(name: string, commands: readonly Command[]): Promise<string> {
  const { nearestName } = await import("@snakepit/core");
  const nearest = nearestName(
    name,
    commands.map((command) => command.name),
  );
  const guess = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  if (!name.startsWith("-")) return `unknown command "${name}"${guess}`;
  const belongs = Object.hasOwn(COMMON_OPTIONS, name.replace(/^--/, ""));
  return `unknown option "${name}"${belongs ? `; write it after the command: snakepit COMMAND ${name}` : guess}`;
}

function misused(terminal: Terminal, message: string, program: string, asJson: boolean): number {
  if (asJson) terminal.stdout.write(`${JSON.stringify({ error: { code: "INVALID_ARGUMENT", message } })}\n`);
  else terminal.stderr.write(`${program}: ${printable(message)}\nTry \`${program} --help\`.\n`);
  return EXIT.misused;
}

async function failed(terminal: Terminal, thrown: unknown, asJson: boolean): Promise<number> {
  const { toSnakepitError } = await import("@snakepit/core");
  const { code, message } = toSnakepitError(thrown);
  if (asJson) terminal.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else terminal.stderr.write(`snakepit: ${printable(message)}\n`);
  return EXIT.failed;
}
