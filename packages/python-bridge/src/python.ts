import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import {
  type HostScope,
  invalidConfig,
  type LauncherOptions,
  SnakepitError,
  type WorkerLauncher,
  type WorkerSpec,
} from "@snakepit/core";
import { encodeAdapterOptions } from "./adapter-options.ts";
import { findInterpreter } from "./interpreter/find-interpreter.ts";
import { WorkerOutput } from "./launch/process-output.ts";
import { ProcessRecords } from "./launch/process-records.ts";
import { workerEnvironment } from "./launch/worker-environment.ts";
import type { StartMethod } from "./launch/zygote-protocol.ts";
import { ZygoteSupervisor } from "./launch/zygote-supervisor.ts";
import { type PythonOptions, pythonProblems } from "./python-options.ts";
import { type PythonTarget, parseTarget, targetString } from "./python-target.ts";
import { readLimits } from "./system-shortage.ts";
import { missingFileRemedy, otherFileRemedy } from "./target-problems.ts";

/**
 * Returns the specification of workers that run the `@tool` functions of a Python file or module, or an adapter class.
 * Never throws: `Snakepit.start()` reports invalid arguments together with all other problems of the configuration.
 *
 * @param target a file (`"./tools.py"`, or for a file next to the calling one `new URL("./tools.py", import.meta.url)`
 *   or `import.meta.resolve("./tools.py")`), a module (`"package.module"`), or either with a class
 *   (`"package.module:MyAdapter"`).
 * @param options how the workers are started; by default see {@link PythonOptions}.
 *
 * @example
 * const pit = await Snakepit.start({ worker: python("./tools.py") });
 */
export function python(target: string | URL, options: PythonOptions = {}): WorkerSpec {
  const invalid = pythonProblems(target, options);
  // Encoded at once: later changes of the object have no effect.
  const encoded = invalid.length === 0 ? encodeAdapterOptions(targetString(target), options.options) : undefined;
  const problems = encoded?.is === "invalid" ? [encoded.problem] : invalid;
  const spec: WorkerSpec = {
    language: "python",
    target: problems.length === 0 ? targetString(target) : String(target),
    ...(problems.length > 0 && { problems }),
    relativeTo: (directory) =>
      problems.length > 0 ? spec : python(target, { ...options, cwd: resolve(directory, options.cwd ?? ".") }),
    createLauncher: async (host, launcherOptions) => {
      if (encoded?.is !== "encoded") throw invalidConfig(problems);
      return createLauncher({ target, options, encodedOptions: encoded.base64 }, host, launcherOptions);
    },
  };
  return spec;
}

/** The valid arguments of {@link python}. */
interface PythonArguments {
  readonly target: string | URL;
  readonly options: PythonOptions;
  /** The options of the adapter as base64 of an encoded value; empty without options. */
  readonly encodedOptions: string;
}

async function createLauncher(
  { target, options, encodedOptions }: PythonArguments,
  host: HostScope,
  launch: LauncherOptions,
): Promise<WorkerLauncher> {
  const { pool, size, env: poolEnv, startTimeoutMs, heartbeatIntervalMs, heartbeatTimeoutMs, watch, limits } = launch;
  if (process.platform === "win32") {
    throw new SnakepitError(
      "WORKER_START_FAILED",
      "Python workers require Linux or macOS; on Windows, run the host in WSL or in a container",
      { pool, startFailure: "permanent" },
    );
  }
  readLimits();
  const cwd = resolve(options.cwd ?? ".");
  await checkDirectory(cwd, pool);
  const path = (options.path ?? []).map((entry) => resolve(cwd, entry));
  await checkSearchPath(path, pool);
  const parsed = parseTarget(target, cwd);
  await checkFile(target, parsed, pool);
  const env = workerEnvironment(process.env, launch.libraryThreads ?? 1, options.env ?? {}, poolEnv);
  const interpreter = await findInterpreter({
    ...(options.python !== undefined && { python: options.python }),
    ...(parsed.file !== undefined && { targetDirectory: dirname(parsed.file) }),
    cwd,
    hostDirectory: process.cwd(),
    env,
  });
  const transport = options.transport ?? "socket";
  const { instrumentation } = host;
  const records = new ProcessRecords(host.registry);
  const output = new WorkerOutput(instrumentation, pool);
  const supervisor = new ZygoteSupervisor({
    interpreter,
    cwd,
    env,
    size,
    startTimeoutMs,
    records,
    instrumentation,
    onWorkerOutput: (workerId, piece) => output.push(workerId, piece),
    boot: {
      method: options.startMethod ?? defaultStartMethod(),
      target: parsed.specifier,
      path,
      python_args: options.args ?? [],
      run_id: host.runId,
      pool,
      transport,
      watch,
      limits: {
        address_space_mb: limits?.addressSpaceMb,
        cpu_seconds: limits?.cpuSeconds,
        open_files: limits?.openFiles,
        niceness: limits?.niceness,
        memory_mb: limits?.memoryMb,
        cpus: limits?.cpus,
      },
      thread_safety: launch.threadSafety ?? "warn",
      encoded_options: encodedOptions,
      profile: launch.profile ?? "process",
      capacity: launch.capacity,
    },
  });
  await supervisor.prepare();
  try {
    // The zygote imports the target while this process loads what the connections of workers need.
    const [{ PythonLauncher }, { hostEndpoint }] = await Promise.all([
      import("./launch/python-launcher.ts"),
      import("./endpoint/worker-endpoint.ts"),
    ]);
    return new PythonLauncher({
      pool,
      endpoint: await hostEndpoint(host),
      transport,
      supervisor,
      records,
      limits,
      startTimeoutMs,
      heartbeatIntervalMs,
      heartbeatTimeoutMs,
      requests: host.requests,
      instrumentation,
      muteOutput: (workerId) => output.mute(workerId),
      endOutput: (workerId) => output.end(workerId),
    });
  } catch (thrown) {
    await supervisor.close();
    throw thrown;
  }
}

function defaultStartMethod(): StartMethod {
  // On macOS, system libraries do not support a fork without exec, and there is no parent-death signal.
  return process.platform === "linux" ? "fork" : "spawn";
}

async function checkDirectory(cwd: string, pool: string): Promise<void> {
  const found = await stat(cwd).catch(() => undefined);
  if (found?.isDirectory()) return;
  const message = `the working directory (cwd) of pool "${pool}" must be an existing directory; got ${JSON.stringify(cwd)}`;
  throw new SnakepitError("INVALID_CONFIG", message, { pool, startFailure: "permanent", details: { cwd } });
}

async function checkSearchPath(path: readonly string[], pool: string): Promise<void> {
  for (const [index, entry] of path.entries()) {
    // A file may be a zip archive, from which Python imports, too.
    if ((await stat(entry).catch(() => undefined)) !== undefined) continue;
    const message = `path[${index}] of pool "${pool}" must be an existing directory; got ${JSON.stringify(entry)}`;
    throw new SnakepitError("INVALID_CONFIG", message, { pool, startFailure: "permanent", details: { path: entry } });
  }
}

async function checkFile(target: string | URL, { file }: PythonTarget, pool: string): Promise<void> {
  if (file === undefined) return;
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return;
  const problem = found === undefined ? "does not exist" : `is ${found.isDirectory() ? "a directory" : "not a file"}`;
  const remedy = found === undefined ? missingFileRemedy(targetString(target), file) : otherFileRemedy(file);
  throw new SnakepitError("INVALID_CONFIG", `the Python file ${file} of pool "${pool}" ${problem}; ${remedy}`, {
    pool,
    startFailure: "permanent",
    details: { file },
  });
}
