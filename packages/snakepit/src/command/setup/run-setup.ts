import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { PythonProject } from "@snakepit/python-bridge";
import { EXIT, type Invocation } from "../command.ts";
import { type SetUpOptions, type SetUpReport, setUpEnvironment } from "./set-up-environment.ts";

/** The values of the options of `snakepit setup`. */
export interface SetupValues {
  readonly python: string | undefined;
  readonly venv: string | undefined;
  readonly with: readonly string[];
  readonly record: boolean | undefined;
  readonly json: boolean;
}

/** Runs `snakepit setup`. */
export async function runSetup({ values, terminal }: Invocation<SetupValues>): Promise<number> {
  const report = await setUpEnvironment({
    python: values.python,
    venv: values.venv,
    with: values.with,
    record: recordOption(values),
    cwd: process.cwd(),
    env: process.env,
    progress: {
      step: (title) => terminal.stderr.write(`${title}\n`),
      output: (line) => terminal.stderr.write(`  ${line}\n`),
    },
  });
  terminal.stdout.write(values.json ? `${JSON.stringify(report)}\n` : summary(report));
  return EXIT.ok;
}

function recordOption({ record, json }: SetupValues): SetUpOptions["record"] {
  if (record !== undefined) return record;
  if (json || !process.stdin.isTTY || !process.stderr.isTTY) return async () => false;
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
