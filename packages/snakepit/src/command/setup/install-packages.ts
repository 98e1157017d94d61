import { basename } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { type PythonFacts, pythonFacts } from "./python-facts.ts";
import { hasUv, type Progress, runTool } from "./run-tool.ts";

/**
 * Installs packages in an environment, with its pip, or with uv if it has none.
 *
 * @throws SnakepitError `WORKER_START_FAILED` with the output of the installer.
 */
export async function installPackages(
  interpreter: string,
  packages: readonly string[],
  progress: Progress,
): Promise<void> {
  const installer = await installerOf(interpreter, await pythonFacts(interpreter), progress);
  const { status, tail } = await runTool([...installer, ...packages], { output: progress.output });
  if (status === 0) return;
  const names = packages.map((name) => basename(name)).join(", ");
  throw new SnakepitError(
    "WORKER_START_FAILED",
    `installing ${names} for ${interpreter} failed; check the names, the versions and the connection to the package index, and run setup again:\n${tail}`,
  );
}

async function installerOf(interpreter: string, facts: PythonFacts, progress: Progress): Promise<readonly string[]> {
  const pip = [
    interpreter,
    "-m",
    "pip",
    "install",
    "--disable-pip-version-check",
    "--no-input",
    "--progress-bar",
    "off",
  ];
  if (facts.hasPip) return pip;
  // Unlike pip, uv compiles nothing by default. If Python cannot write bytecode later, each start would compile again.
  if (await hasUv()) return ["uv", "pip", "install", "--compile-bytecode", "--python", interpreter];
  const { status, tail } = await runTool([interpreter, "-m", "ensurepip"], { output: progress.output });
  if (status === 0) return pip;
  throw new SnakepitError(
    "WORKER_START_FAILED",
    `${interpreter} has no pip, and ensurepip failed; install pip in this environment, or install uv (https://docs.astral.sh/uv/), or remove the environment and run setup again:\n${tail}`,
  );
}
