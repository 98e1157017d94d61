import { SnakepitError } from "@snakepit/core";
import { findInterpreter, findPythonProject, type PythonProject, projectOfInterpreter } from "@snakepit/python-bridge";
import { type ChoiceOptions, chooseEnvironment } from "./choose-environment.ts";
import { installPackages } from "./install-packages.ts";
import { makeEnvironment } from "./make-environment.ts";
import { pythonFacts } from "./python-facts.ts";
import { bundledWheel, isRecorded, recordBridge } from "./record-bridge.ts";
import { hasUv, type Progress, runTool } from "./run-tool.ts";

export interface SetUpOptions extends ChoiceOptions {
  /** Packages to install in addition to the bridge. */
  readonly with: readonly string[];
  /** Whether to add the bridge to the project of uv or poetry; asked only where there is one that does not list it. */
  readonly record: boolean | ((project: PythonProject) => Promise<boolean>);
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
  /** The project whose manager owns the environment, and whether its `pyproject.toml` lists the bridge. */
  readonly project?: PythonProject & { readonly recorded: boolean };
}

/**
 * Finds or creates an environment, installs the bridge that this package carries, and checks that it can be imported.
 * In a project of uv or poetry it lists the bridge in `pyproject.toml` on request, or where an older one is listed.
 *
 * @throws SnakepitError `INVALID_CONFIG`, `INVALID_ARGUMENT`, `WORKER_START_FAILED`, each with the remedy.
 */
export async function setUpEnvironment(options: SetUpOptions): Promise<SetUpReport> {
  const { progress } = options;
  const wheel = await bundledWheel();
  const project = await managedProject(options);
  const recorded = project !== undefined && (await isToBeRecorded(project, options));
  if (project !== undefined && recorded) {
    await recordBridge({ project, wheel, env: options.env, progress });
  } else if (options.record === true) {
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      `--record needs a pyproject.toml of uv or poetry in ${options.cwd} or above; got none`,
    );
  }
  const choice = await chooseEnvironment(options);
  const interpreter = choice.is === "new" ? await makeEnvironment(choice, progress) : choice.interpreter;
  const { version, prefix } = await pythonFacts(interpreter);
  // The manager of the project may have done so by now.
  const isThere = recorded && (await bridgeVersion(interpreter)).version === wheel.version;
  const packages = isThere ? options.with : [wheel.path, ...options.with];
  if (packages.length > 0) {
    const names = [...(isThere ? [] : [`snakepit-bridge ${wheel.version}`]), ...options.with];
    progress.step(`Installing ${names.join(", ")} into ${prefix}`);
    await installPackages(interpreter, packages, progress);
  }
  progress.step("Checking that it can be imported");
  return {
    interpreter,
    environment: prefix,
    python: version,
    bridge: await importedVersion(interpreter, wheel.version),
    created: choice.is === "new",
    found: await isFound(interpreter, options),
    ...(project !== undefined && { project: { ...project, recorded } }),
  };
}

/** The project of the environment that is named, else the one that the working directory lies in. */
async function managedProject({ python, cwd, env, record }: SetUpOptions): Promise<PythonProject | undefined> {
  if (python !== undefined) {
    const { path } = await findInterpreter({ python, cwd, env });
    const project = await projectOfInterpreter(path, cwd, env);
    if (project !== undefined) return project;
  }
  // A project that uv has not locked yet looks like any other.
  return await findPythonProject(cwd, record === true && (await hasUv(env)) ? "uv" : undefined);
}

async function isToBeRecorded(project: PythonProject, { record }: SetUpOptions): Promise<boolean> {
  if (typeof record === "boolean") return record;
  return (await isRecorded(project)) || (await record(project));
}

/** The version of the bridge that an interpreter imports, or why it imports none. */
async function bridgeVersion(interpreter: string): Promise<{ readonly version?: string; readonly tail: string }> {
  const script = "import snakepit_bridge, importlib.metadata as m; print(m.version('snakepit-bridge'))";
  const { status, stdout, tail } = await runTool([interpreter, "-c", script]);
  return { tail, ...(status === 0 && { version: stdout.trim() }) };
}

async function importedVersion(interpreter: string, expected: string): Promise<string> {
  const { version, tail } = await bridgeVersion(interpreter);
  if (version === undefined) {
    throw new SnakepitError("WORKER_START_FAILED", `${interpreter} cannot import snakepit_bridge:\n${tail}`);
  }
  if (version === expected) return version;
  throw new SnakepitError(
    "WORKER_START_FAILED",
    `${interpreter} imports snakepit-bridge ${version} instead of ${expected}; another copy comes first on its path (PYTHONPATH?)`,
  );
}

async function isFound(interpreter: string, { cwd, env }: SetUpOptions): Promise<boolean> {
  const found = await findInterpreter({ cwd, env }).catch(() => undefined);
  return found?.path === interpreter;
}
