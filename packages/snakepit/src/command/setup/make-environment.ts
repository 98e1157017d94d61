import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { SnakepitError } from "@snakepit/core";
import { interpreterOf } from "@snakepit/python-bridge";
import type { EnvironmentChoice } from "./choose-environment.ts";
import { hasUv, type Progress, runTool } from "./run-tool.ts";

/**
 * Creates an environment and returns its interpreter; what a failure leaves is removed.
 *
 * @throws SnakepitError `WORKER_START_FAILED` with the way to get what is missing.
 */
export async function makeEnvironment(
  { directory, base, facts }: Extract<EnvironmentChoice, { is: "new" }>,
  progress: Progress,
): Promise<string> {
  progress.step(`Making ${directory} with Python ${facts.version}`);
  const command = facts.hasEnsurepip
    ? [base, "-m", "venv", directory]
    : await uvCommand(directory, base, facts.version);
  const wasThere = existsSync(directory);
  const { status, tail } = await runTool(command, { output: progress.output });
  const interpreter = status === 0 ? await interpreterOf(directory) : undefined;
  if (interpreter !== undefined) return interpreter;
  if (!wasThere) await rm(directory, { recursive: true, force: true });
  throw new SnakepitError(
    "WORKER_START_FAILED",
    `the environment ${directory} could not be made (${command.join(" ")})${tail === "" ? "" : `:\n${tail}`}`,
  );
}

async function uvCommand(directory: string, base: string, version: string): Promise<readonly string[]> {
  if (await hasUv()) return ["uv", "venv", "--python", base, directory];
  const minor = version.split(".").slice(0, 2).join(".");
  throw new SnakepitError(
    "WORKER_START_FAILED",
    `${base} cannot make environments: its module ensurepip is missing. Install it (on Debian and Ubuntu: apt install python${minor}-venv) or uv (https://docs.astral.sh/uv/), or name another interpreter with --python`,
  );
}
