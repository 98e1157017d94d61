import { PACKAGE_VERSION } from "../package-version.ts";
import { type Command, EXIT, type Invocation, type Terminal } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { helpOf, overview } from "./help/help-text.ts";
import { Interruption } from "./interruption.ts";
import { MisuseError, parseArguments } from "./parse-command-line.ts";

// Imports nothing but the tables of the commands, so that help is shown quickly; the rest is loaded when it is used.

/** Runs a command line of `snakepit`; resolves with the exit code and never rejects. */
export async function runCommand(
  args: readonly string[],
  terminal: Terminal,
  commands: readonly Command[] = COMMANDS,
): Promise<number> {
  // `help setup` is an alias of `setup --help`.
  const [name = "--help", ...rest] = args[0] === "help" ? [...args.slice(1), "--help"] : args;
  if (name === "--help" || name === "-h") {
    terminal.stdout.write(overview(commands, terminal.stdout));
    return EXIT.ok;
  }
  if (name === "--version") {
    terminal.stdout.write(`${PACKAGE_VERSION}\n`);
    return EXIT.ok;
  }
  const asJson = args.includes("--json");
  const command = commands.find((each) => each.name === name);
  if (command === undefined) return misused(terminal, await unknownCommand(name, commands), "snakepit", asJson);
  try {
    const { values, positionals } = await parseArguments(command, rest);
    if (values["help"] !== true) return await run(command, { values, positionals, terminal, commands });
    terminal.stdout.write(helpOf(command, terminal.stdout));
    return EXIT.ok;
  } catch (thrown) {
    if (!(thrown instanceof MisuseError)) throw thrown;
    return misused(terminal, thrown.message, `snakepit ${command.name}`, asJson);
  }
}

async function run(command: Command, invocation: Omit<Invocation, "signal">): Promise<number> {
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
    return await failed(invocation.terminal, thrown, invocation.values["json"] === true);
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
  const kind = name.startsWith("-") ? "option" : "command";
  return `unknown ${kind} "${name}"${nearest === undefined ? "" : `; did you mean "${nearest}"?`}`;
}

function misused(terminal: Terminal, message: string, program: string, asJson: boolean): number {
  if (asJson) terminal.stdout.write(`${JSON.stringify({ error: { code: "INVALID_ARGUMENT", message } })}\n`);
  else terminal.stderr.write(`${program}: ${message}\nTry \`${program} --help\`.\n`);
  return EXIT.misused;
}

async function failed(terminal: Terminal, thrown: unknown, asJson: boolean): Promise<number> {
  const { toSnakepitError } = await import("@snakepit/core");
  const { code, message } = toSnakepitError(thrown);
  if (asJson) terminal.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else terminal.stderr.write(`snakepit: ${message}\n`);
  return EXIT.failed;
}
