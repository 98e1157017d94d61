import { SnakepitError } from "@snakepit/core";
import { findInterpreter, findPythonProject, type PythonProject, projectOfInterpreter } from "@snakepit/python-bridge";
import { type ChoiceOptions, chooseEnvironment } from "./choose-environment.ts";
import { createEnvironment } from "./create-environment.ts";
import { installPackages } from "./install-packages.ts";
import { pythonFacts } from "./python-facts.ts";
import { bundledWheel, isRecorded, recordBridge } from "./record-bridge.ts";
import { hasUv, type Progress, runTool } from "./run-tool.ts";

export interface SetUpOptions extends ChoiceOptions {
  /** Packages to install in addition to the bridge. */
  readonly with: readonly string[];
  /**
   * Whether to list the bridge in the project of uv or poetry. The function is called only for a project that does not
   * list it yet.
   */
  readonly record: boolean | ((project: PythonProject) => Promise<boolean>);
  readonly progress: Progress;
}

/** The result: an environment in which workers can run. */
export interface SetUpReport {
  /** Path of the interpreter. */
  readonly interpreter: string;
  /** Directory of the environment. */
  readonly environment: string;
  /** Version of Python. */
  readonly python: string;
  /** Version of snakepit-bridge. */
  readonly bridge: string;
  /** Whether the environment was created. */
  readonly created: boolean;
  /** Whether a pool in this directory finds the environment without options. */
  readonly found: boolean;
  /** The project whose manager owns the environment, and whether its `pyproject.toml` lists the bridge. */
  readonly project?: PythonProject & { readonly recorded: boolean };
}

/**
 * Finds or creates an environment, installs the bundled bridge, and checks that it can be imported. In a project of uv
 * or poetry, lists the bridge in `pyproject.toml` on request, or when an older version is listed.
 *
 * @throws SnakepitError `INVALID_CONFIG`, `INVALID_ARGUMENT`, `WORKER_START_FAILED`, each with the remedy.
 */
export async function setUpEnvironment(options: SetUpOptions): Promise<SetUpReport> {
  const { progress } = options;
  const wheel = await bundledWheel();
  const project = await managedProject(options);
  const recorded = project !== undefined && (await shouldRecord(project, options));
  if (project !== undefined && recorded) {
    await recordBridge({ project, wheel, env: options.env, progress });
  } else if (options.record === true) {
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      `--record requires a pyproject.toml of uv or poetry in ${options.cwd} or a parent directory; got none`,
    );
  }
  const choice = await chooseEnvironment(options);
  const interpreter = choice.is === "new" ? await createEnvironment(choice, progress) : choice.interpreter;
  const { version, prefix } = await pythonFacts(interpreter);
  // The manager of the project may have installed the bridge.
  const isInstalled = recorded && (await bridgeVersion(interpreter)).version === wheel.version;
  const steps = [
    { packages: isInstalled ? [] : [wheel.path], names: [`snakepit-bridge ${wheel.version}`] },
    // Apart from the bridge, so that the environment can run workers even if these cannot be installed.
    { packages: options.with, names: options.with },
  ];
  for (const { packages, names } of steps) {
    if (packages.length === 0) continue;
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

/** Returns the project of the named environment, else the project of the working directory. */
async function managedProject({ python, cwd, env, record }: SetUpOptions): Promise<PythonProject | undefined> {
  if (python !== undefined) {
    const { path } = await findInterpreter({ python, cwd, env });
    const project = await projectOfInterpreter(path, cwd, env);
    if (project !== undefined) return project;
  }
  // Nothing identifies a project that uv has not locked yet, so the presence of uv decides.
  return await findPythonProject(cwd, record === true && (await hasUv(env)) ? "uv" : undefined);
}

async function shouldRecord(project: PythonProject, { record }: SetUpOptions): Promise<boolean> {
  if (typeof record === "boolean") return record;
  return (await isRecorded(project)) || (await record(project));
}

/** Returns the version of the bridge that an interpreter imports, or the stderr of a failed import. */
async function bridgeVersion(interpreter: string): Promise<{ readonly version?: string; readonly tail: string }> {
  const script = "import snakepit_bridge, importlib.metadata as m; print(m.version('snakepit-bridge'))";
  const { status, stdout, tail } = await runTool([interpreter, "-c", script]);
  return { tail, ...(status === 0 && { version: stdout.trim() }) };
}

async function importedVersion(interpreter: string, expected: string): Promise<string> {
  const { version, tail } = await bridgeVersion(interpreter);
  if (version === undefined) {
    throw new SnakepitError("WORKER_START_FAILED", `${interpreter} failed to import snakepit_bridge:\n${tail}`);
  }
  if (version === expected) return version;
  throw new SnakepitError(
    "WORKER_START_FAILED",
    `${interpreter} imports snakepit-bridge ${version} instead of ${expected}; another copy precedes it on the module path (for example through PYTHONPATH)`,
  );
}

async function isFound(interpreter: string, { cwd, env }: SetUpOptions): Promise<boolean> {
  const found = await findInterpreter({ cwd, env }).catch(() => undefined);
  return found?.path === interpreter;
}
