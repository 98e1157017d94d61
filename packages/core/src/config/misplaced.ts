import type { WorkerSpec } from "../ports/worker-spec.ts";
import { describeValue } from "../validation/describe-value.ts";
import type { ConfigProblem } from "../validation/options.ts";

/** Names of options in other libraries, and the corresponding options of Snakepit. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  timeout: "executeTimeoutMs",
  timeoutms: "executeTimeoutMs",
  calltimeout: "executeTimeoutMs",
  poolsize: "size",
  workers: "size",
  numworkers: "size",
  workercount: "size",
  maxworkers: "size",
  minworkers: "size",
  concurrency: "size",
  processes: "size",
  max: "size",
  min: "size",
  queuesize: "queueLimit",
  maxqueue: "queueLimit",
  maxqueuesize: "queueLimit",
  script: "worker",
  scriptpath: "worker",
  file: "worker",
  path: "worker",
  module: "worker",
  target: "worker",
  python: "worker",
  log: "logger",
  environment: "env",
};

/** Returns the option that corresponds to the name of an option in another library. */
export function optionCalled(name: string, known: readonly string[]): string | undefined {
  const option = OTHER_NAMES[name.toLowerCase()];
  return option !== undefined && known.includes(option) ? option : undefined;
}

/** Whether a value is a {@link WorkerSpec}. */
export function isWorkerSpec(value: unknown): value is WorkerSpec {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<WorkerSpec>).createLauncher === "function" &&
    typeof (value as Partial<WorkerSpec>).language === "string" &&
    typeof (value as Partial<WorkerSpec>).target === "string"
  );
}

/** Returns the source code of the worker that a value in its place probably means. */
export function asWorker(value: unknown): string {
  if (isWorkerSpec(value)) return `python(${JSON.stringify(value.target)})`;
  if (typeof value === "string" && value !== "") return `python(${JSON.stringify(value)})`;
  if (value instanceof URL) return 'python(new URL("./tools.py", import.meta.url))';
  return 'python("./tools.py")';
}

/**
 * Returns the problem of a value in the place of an object of options, such as a worker, a target, a promise or a
 * module; `undefined` for an object that may contain options.
 *
 * @param path the path of the value; empty for the whole configuration.
 */
export function optionsProblem(value: unknown, path: string): ConfigProblem | undefined {
  const write = (worker: string) =>
    path === ""
      ? `write Snakepit.start({ worker: ${worker} })`
      : `write \`${path.replace(".", ": { ")}: { worker: ${worker} } }\``;
  const got = (description: string, remedy: string): ConfigProblem => ({
    path,
    problem: `must be an object of options; got ${description}`,
    remedy,
  });
  if (isWorkerSpec(value)) return got("a worker", write(asWorker(value)));
  if (value instanceof Promise) return got("a promise", "await it first");
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof URL) {
    const [only] = Array.isArray(value) && value.length === 1 ? value : [value];
    return got(describeValue(value), write(asWorker(only)));
  }
  const { default: content } = value as { readonly default?: unknown };
  if (typeof content === "object" && content !== null && Object.keys(value).length === 1) {
    return got("a module", "write `import config from …`, or pass its `default`");
  }
  return undefined;
}
