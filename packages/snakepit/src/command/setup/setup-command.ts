import { type Command, EXIT } from "../command.ts";
import { type SetUpReport, setUpEnvironment } from "./set-up-environment.ts";

const HELP = `Usage: snakepit setup [options]

Prepares a Python environment for this project: finds the one there is, or makes .venv, and installs
snakepit-bridge in the version that belongs to this package.

Options:
      --python PYTHON   The interpreter to use or to make the environment with: an executable, a command
                        on PATH, or the directory of an environment
      --venv DIR        The environment to use or to make, instead of the one that is found or .venv
      --with PACKAGE    Install this, too; may be given several times (--with numpy --with pandas)
      --json            Print the result as JSON
  -h, --help            Show this

Examples:
  snakepit setup
  snakepit setup --with numpy
  snakepit setup --python python3.13 --venv .venv-3.13
`;

/** `snakepit setup`. */
export const setupCommand: Command = {
  name: "setup",
  summary: "Prepare a Python environment for this project",
  help: HELP,
  options: {
    python: { type: "string" },
    venv: { type: "string" },
    with: { type: "string", multiple: true, default: [] },
  },
  allowPositionals: false,
  async run({ values, terminal }) {
    const report = await setUpEnvironment({
      python: values["python"] as string | undefined,
      venv: values["venv"] as string | undefined,
      with: values["with"] as readonly string[],
      cwd: process.cwd(),
      env: process.env,
      progress: {
        step: (text) => terminal.stderr.write(`${text}\n`),
        output: (line) => terminal.stderr.write(`  ${line}\n`),
      },
    });
    terminal.stdout.write(values["json"] === true ? `${JSON.stringify(report)}\n` : summary(report));
    return EXIT.ok;
  },
};

function summary({ environment, python, bridge, interpreter, found }: SetUpReport): string {
  const ready = `Python ${python} in ${environment} is ready, with snakepit-bridge ${bridge}.\n`;
  if (found) return ready;
  return `${ready}Snakepit does not look there by itself: python("./tools.py", { python: ${JSON.stringify(interpreter)} })\n`;
}
