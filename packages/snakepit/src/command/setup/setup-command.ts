import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { PythonProject } from "@snakepit/python-bridge";
import { type Command, EXIT } from "../command.ts";
import { type SetUpOptions, type SetUpReport, setUpEnvironment } from "./set-up-environment.ts";

const HELP = `Usage: snakepit setup [options]

Prepares a Python environment for this project: finds the existing one, or creates .venv, and installs
the version of snakepit-bridge that belongs to this package.

Options:
      --python PYTHON   The interpreter to use or to create the environment with: an executable, a command
                        on PATH, or the directory of an environment
      --venv DIR        The environment to use or create; by default the existing one or .venv
      --with PACKAGE    An additional package to install; may be repeated (--with numpy --with pandas)
      --record          In a project of uv or poetry: list snakepit-bridge in pyproject.toml, so that
                        uv sync and poetry sync keep it. By default setup asks, if it runs in a terminal
      --no-record       Do not list snakepit-bridge, and do not ask
      --json            Print the result as JSON
  -h, --help            Show this help

Examples:
  snakepit setup
  snakepit setup --with numpy
  snakepit setup --record
  snakepit setup --python python3.13 --venv .venv-3.13
`;

/** The command `snakepit setup`. */
export const setupCommand: Command = {
  name: "setup",
  summary: "Prepare a Python environment for this project",
  help: HELP,
  options: {
    python: { type: "string" },
    venv: { type: "string" },
    with: { type: "string", multiple: true, default: [] },
    record: { type: "boolean" },
    "no-record": { type: "boolean" },
  },
  allowPositionals: false,
  async run({ values, terminal }) {
    const report = await setUpEnvironment({
      python: values["python"] as string | undefined,
      venv: values["venv"] as string | undefined,
      with: values["with"] as readonly string[],
      record: recordOption(values),
      cwd: process.cwd(),
      env: process.env,
      progress: {
        step: (title) => terminal.stderr.write(`${title}\n`),
        output: (line) => terminal.stderr.write(`  ${line}\n`),
      },
    });
    terminal.stdout.write(values["json"] === true ? `${JSON.stringify(report)}\n` : summary(report));
    return EXIT.ok;
  },
};

function recordOption(values: Readonly<Record<string, unknown>>): SetUpOptions["record"] {
  if (values["no-record"] === true) return false;
  if (values["record"] === true) return true;
  if (values["json"] === true || !process.stdin.isTTY || !process.stderr.isTTY) return async () => false;
  return ask;
}

async function ask({ manager, directory }: PythonProject): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = `${manager} removes packages that pyproject.toml does not list. Add snakepit-bridge to ${join(directory, "pyproject.toml")}? [Y/n] `;
    return /^(y(es)?)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

function summary({ environment, python, bridge, interpreter, found, project }: SetUpReport): string {
  const lists = project === undefined ? "" : listing(project);
  const ready = `Python ${python} in ${environment} is ready, with snakepit-bridge ${bridge}.\n${lists}`;
  if (found) return ready;
  return `${ready}Snakepit does not find it without an option: python("./tools.py", { python: ${JSON.stringify(interpreter)} })\n`;
}

function listing({ manager, directory, recorded }: NonNullable<SetUpReport["project"]>): string {
  if (recorded)
    return `${join(directory, "pyproject.toml")} lists snakepit-bridge; commit ${join(directory, "vendor")} and the lockfile.\n`;
  return `${manager} sync will remove snakepit-bridge, since pyproject.toml does not list it; run: npx snakepit setup --record\n`;
}
