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
import { hostEndpoint } from "./endpoint/worker-endpoint.ts";
import { findInterpreter } from "./interpreter/find-interpreter.ts";
import { WorkerOutput } from "./launch/process-output.ts";
import { ProcessRecords } from "./launch/process-records.ts";
import { PythonLauncher } from "./launch/python-launcher.ts";
import { workerEnvironment } from "./launch/worker-environment.ts";
import type { StartMethod } from "./launch/zygote-protocol.ts";
import { ZygoteSupervisor } from "./launch/zygote-supervisor.ts";
import { type PythonOptions, pythonProblems } from "./python-options.ts";
import { type PythonTarget, readTarget, targetText } from "./python-target.ts";
import { existingFile } from "./target-problems.ts";

/**
 * Workers that run the `@tool` functions of a Python file or module, or an adapter class.
 *
 * @param target a file (`"./tools.py"`; next to the calling file `new URL("./tools.py", import.meta.url)`, or
 *   `import.meta.resolve("./tools.py")`), a module (`"package.module"`), or
 *   either with a class behind it (`"package.module:MyAdapter"`).
 *   Mistakes in it and in the options are told by `Snakepit.start()`, with all others of the configuration.
 *
 * @example
 * const pit = await Snakepit.start({ worker: python("./tools.py") });
 */
export function python(target: string | URL, options: PythonOptions = {}): WorkerSpec {
  const problems = pythonProblems(target, options);
  return {
    language: "python",
    target: problems.length === 0 ? targetText(target) : String(target),
    ...(problems.length > 0 && { problems }),
    createLauncher: async (host, launcherOptions) => {
      if (problems.length > 0) throw invalidConfig(problems);
      return createLauncher(target, options, host, launcherOptions);
    },
  };
}

async function createLauncher(
  target: string | URL,
  options: PythonOptions,
  host: HostScope,
  { pool, size, env: poolEnv, startTimeoutMs, heartbeatIntervalMs, heartbeatTimeoutMs }: LauncherOptions,
): Promise<WorkerLauncher> {
  if (process.platform === "win32") {
    throw new SnakepitError(
      "WORKER_START_FAILED",
      "Python workers need Linux or macOS; on Windows run the host in WSL or a container",
      { pool, startFailure: "permanent" },
    );
  }
  const cwd = resolve(options.cwd ?? ".");
  await expectDirectory(cwd, pool);
  const parsed = readTarget(target, cwd);
  await expectFile(target, parsed, pool);
  const env = workerEnvironment(process.env, options.env ?? {}, poolEnv);
  const interpreter = await findInterpreter({
    ...(options.python !== undefined && { python: options.python }),
    ...(parsed.file !== undefined && { targetDirectory: dirname(parsed.file) }),
    cwd,
    hostDirectory: process.cwd(),
    env,
  });
  const endpoint = await hostEndpoint(host);
  const transport = options.transport ?? "socket";
  const { instrumentation } = host;
  const book = new ProcessRecords(host.registry);
  const texts = new WorkerOutput(instrumentation, pool);
  const supervisor = new ZygoteSupervisor({
    interpreter,
    cwd,
    env,
    size,
    startTimeoutMs,
    book,
    instrumentation,
    workerWrote: (workerId, text) => texts.push(workerId, text),
    boot: {
      method: options.startMethod ?? defaultStartMethod(),
      target: parsed.text,
      path: (options.path ?? []).map((directory) => resolve(cwd, directory)),
      python_args: options.args ?? [],
      run_id: host.runId,
      pool,
      transport,
    },
  });
  return new PythonLauncher({
    pool,
    endpoint,
    transport,
    supervisor,
    book,
    startTimeoutMs,
    heartbeatIntervalMs,
    heartbeatTimeoutMs,
    requests: host.requests,
    instrumentation,
    mute: (workerId) => texts.mute(workerId),
    forget: (workerId) => texts.end(workerId),
  });
}

function defaultStartMethod(): StartMethod {
  // Elsewhere system libraries do not bear a fork, and there is no parent-death signal.
  return process.platform === "linux" ? "fork" : "spawn";
}

async function expectDirectory(cwd: string, pool: string): Promise<void> {
  const found = await stat(cwd).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new SnakepitError("INVALID_CONFIG", `the working directory ${cwd} of pool "${pool}" is not a directory (cwd)`, {
    pool,
    startFailure: "permanent",
    details: { cwd },
  });
}

async function expectFile(target: string | URL, { file }: PythonTarget, pool: string): Promise<void> {
  if (file === undefined) return;
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return;
  const problem = found === undefined ? "does not exist" : "is not a file";
  const remedy = existingFile(targetText(target), file);
  throw new SnakepitError("INVALID_CONFIG", `the Python file ${file} of pool "${pool}" ${problem}; ${remedy}`, {
    pool,
    startFailure: "permanent",
    details: { file },
  });
}
