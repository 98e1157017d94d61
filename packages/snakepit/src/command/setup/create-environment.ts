import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { SnakepitError } from "@snakepit/core";
import { interpreterOf } from "@snakepit/python-bridge";
import type { EnvironmentChoice } from "./choose-environment.ts";
import { hasUv, type Progress, runTool } from "./run-tool.ts";

/**
 * Creates an environment and returns the path of its interpreter. Removes an incomplete environment after a failure.
 *
 * @throws SnakepitError `WORKER_START_FAILED` with the remedy.
 */
export async function createEnvironment(
  { directory, base, facts }: Extract<EnvironmentChoice, { is: "new" }>,
  progress: Progress,
): Promise<string> {
  progress.step(`Creating ${directory} with Python ${facts.version}`);
  const command = facts.hasEnsurepip
    ? [base, "-m", "venv", directory]
    : await uvCommand(directory, base, facts.version);
  const existed = existsSync(directory);
  const { status, tail } = await runTool(command, { output: progress.output });
  const interpreter = status === 0 ? await interpreterOf(directory) : undefined;
  if (interpreter !== undefined) return interpreter;
  if (!existed) await rm(directory, { recursive: true, force: true });
  throw new SnakepitError(
    "WORKER_START_FAILED",
    `creating the environment ${directory} failed (${command.join(" ")})${tail === "" ? "" : `:\n${tail}`}`,
  );
}

async function uvCommand(directory: string, base: string, version: string): Promise<readonly string[]> {
  if (await hasUv()) return ["uv", "venv", "--python", base, directory];
  const minor = version.split(".").slice(0, 2).join(".");
  throw new SnakepitError(
    "WORKER_START_FAILED",
    `${base} cannot create environments: its module ensurepip is missing; install it (on Debian and Ubuntu: apt install python${minor}-venv) or uv (https://docs.astral.sh/uv/), or name another interpreter with --python`,
  );
}
