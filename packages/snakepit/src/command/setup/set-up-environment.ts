import { SnakepitError } from "@snakepit/core";
import { findInterpreter } from "@snakepit/python-bridge";
import { bundledWheel } from "./bundled-wheel.ts";
import { type ChoiceOptions, chooseEnvironment } from "./choose-environment.ts";
import { installPackages } from "./install-packages.ts";
import { makeEnvironment } from "./make-environment.ts";
import type { Progress } from "./progress.ts";
import { pythonFacts } from "./python-facts.ts";
import { runTool } from "./run-tool.ts";

export interface SetUpOptions extends ChoiceOptions {
  /** Packages to install beside the bridge. */
  readonly with: readonly string[];
  readonly progress: Progress;
}

/** An environment that workers can run in. */
export interface SetUpReport {
  /** Path of the interpreter. */
  readonly interpreter: string;
  /** Directory of the environment. */
  readonly environment: string;
  /** Version of Python. */
  readonly python: string;
  /** Version of snakepit-bridge. */
  readonly bridge: string;
  /** Whether the environment was made now. */
  readonly created: boolean;
  /** Whether a pool finds it by itself when it runs here. */
  readonly found: boolean;
}

/**
 * Finds or makes an environment, installs the bridge that this package carries, and sees that it can be imported.
 *
 * @throws SnakepitError `INVALID_CONFIG`, `INVALID_ARGUMENT`, `WORKER_START_FAILED`, each with the remedy.
 */
export async function setUpEnvironment(options: SetUpOptions): Promise<SetUpReport> {
  const { progress } = options;
  const wheel = await bundledWheel();
  const choice = await chooseEnvironment(options);
  const interpreter = choice.is === "new" ? await makeEnvironment(choice, progress) : choice.interpreter;
  const { version, prefix } = await pythonFacts(interpreter);
  const packages = [wheel.path, ...options.with];
  progress.step(`Installing ${[`snakepit-bridge ${wheel.version}`, ...options.with].join(", ")} into ${prefix}`);
  await installPackages(interpreter, packages, progress);
  progress.step("Checking that it can be imported");
  return {
    interpreter,
    environment: prefix,
    python: version,
    bridge: await importedVersion(interpreter, wheel.version),
    created: choice.is === "new",
    found: await isFound(interpreter, options),
  };
}

async function importedVersion(interpreter: string, wanted: string): Promise<string> {
  const script = "import snakepit_bridge, importlib.metadata as m; print(m.version('snakepit-bridge'))";
  const { status, stdout, tail } = await runTool([interpreter, "-c", script]);
  const version = stdout.trim();
  if (status !== 0) {
    throw new SnakepitError("WORKER_START_FAILED", `${interpreter} cannot import snakepit_bridge:\n${tail}`);
  }
  if (version === wanted) return version;
  throw new SnakepitError(
    "WORKER_START_FAILED",
    `${interpreter} imports snakepit-bridge ${version} instead of ${wanted}; another copy comes first on its path (PYTHONPATH?)`,
  );
}

async function isFound(interpreter: string, { cwd, env }: SetUpOptions): Promise<boolean> {
  const found = await findInterpreter({ cwd, env }).catch(() => undefined);
  return found?.path === interpreter;
}
