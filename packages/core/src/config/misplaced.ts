import type { WorkerSpec } from "../ports/worker-spec.ts";
import { describeValue } from "../validation/describe-value.ts";
import type { ConfigProblem } from "../validation/options.ts";

/** Options of other libraries, and what they are called here. */
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

/** The option that someone who writes `name` means, where another library calls it so. */
export function optionCalled(name: string, known: readonly string[]): string | undefined {
  const option = OTHER_NAMES[name.toLowerCase()];
  return option !== undefined && known.includes(option) ? option : undefined;
}

/** Whether a value is what a pool can run. */
export function isWorkerSpec(value: unknown): value is WorkerSpec {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<WorkerSpec>).createLauncher === "function" &&
    typeof (value as Partial<WorkerSpec>).language === "string" &&
    typeof (value as Partial<WorkerSpec>).target === "string"
  );
}

/** Returns how a value in the place of a worker is written as one. */
export function asWorker(value: unknown): string {
  if (isWorkerSpec(value)) return `python(${JSON.stringify(value.target)})`;
  if (typeof value === "string" && value !== "") return `python(${JSON.stringify(value)})`;
  if (value instanceof URL) return 'python(new URL("./tools.py", import.meta.url))';
  return 'python("./tools.py")';
}

/**
 * The mistake in something that stands where an object of options belongs: a worker, a target, a promise, a module.
 * `undefined` for an object that may hold options.
 *
 * @param path where it stands; empty for the whole configuration.
 */
export function misplaced(value: unknown, path: string): ConfigProblem | undefined {
  const write = (worker: string) =>
    path === ""
      ? `write Snakepit.start({ worker: ${worker} })`
      : `write \`${path.replace(".", ": { ")}: { worker: ${worker} } }\``;
  const must = path === "" ? "it must be" : "must be";
  if (isWorkerSpec(value)) {
    return { path, problem: `${must} an object of options; got a worker`, remedy: write(asWorker(value)) };
  }
  if (value instanceof Promise)
    return { path, problem: `${must} an object of options; got a promise`, remedy: "await it first" };
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof URL) {
    const [only] = Array.isArray(value) && value.length === 1 ? value : [value];
    return {
      path,
      problem: `${must} an object of options; got ${describeValue(value)}`,
      remedy: write(asWorker(only)),
    };
  }
  const { default: content } = value as { readonly default?: unknown };
  if (typeof content === "object" && content !== null && Object.keys(value).length === 1) {
    return {
      path,
      problem: `${must} an object of options; got a module`,
      remedy: "write `import config from …`, or pass its `default`",
    };
  }
  return undefined;
}
