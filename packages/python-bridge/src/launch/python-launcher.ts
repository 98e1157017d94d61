import type {
  HostRequests,
  Instrumentation,
  LauncherRenewal,
  LaunchRequest,
  ToolDescriptor,
  WorkerHandle,
  WorkerLauncher,
} from "@snakepit/core";
import { PythonWorker } from "../worker/python-worker.ts";
import { poolIsClosing } from "./start-errors.ts";
import { type LaunchDependencies, type LaunchedWorker, WorkerAttempt } from "./worker-attempt.ts";
import type { ZygoteRenewal } from "./zygote-supervisor.ts";

/** The maximum number of parameters that a warning names; the rest are counted. */
const MAX_NAMED = 20;

/** The collaborators and settings of a {@link PythonLauncher}. */
export interface PythonLauncherOptions extends LaunchDependencies {
  readonly pool: string;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  /** Handles the requests of the workers. */
  readonly requests: HostRequests;
  readonly instrumentation: Instrumentation;
  /** Called when a worker has ended, to flush its output. */
  readonly endOutput: (workerId: string) => void;
}

/** Starts the Python workers of one pool. */
export class PythonLauncher implements WorkerLauncher {
  readonly #options: PythonLauncherOptions;
  readonly #closing = new AbortController();
  readonly #attempts = new Set<Promise<WorkerHandle>>();
  readonly #workers = new Set<PythonWorker>();
  /** The last warning about the tools. All workers of a target cause the same one. */
  #lastWarning: string | undefined;

  constructor(options: PythonLauncherOptions) {
    this.#options = options;
  }

  launch(request: LaunchRequest): Promise<WorkerHandle> {
    const attempt = this.#attempt(request);
    this.#attempts.add(attempt);
    const remove = () => void this.#attempts.delete(attempt);
    attempt.then(remove, remove);
    return attempt;
  }

  async renew(): Promise<LauncherRenewal> {
    if (this.#closing.signal.aborted) throw poolIsClosing(this.#options.pool);
    return await this.#options.supervisor.renew();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#attempts);
    await Promise.all([...this.#workers].map((worker) => worker.stop()));
    await this.#options.supervisor.close();
    await this.#options.records.settled();
  }

  async #attempt({ workerId, signal, renewal }: LaunchRequest): Promise<WorkerHandle> {
    const { pool, heartbeatIntervalMs, heartbeatTimeoutMs, requests, records, endOutput } = this.#options;
    if (this.#closing.signal.aborted) throw poolIsClosing(pool);
    const expected = { workerId, pool, heartbeatIntervalMs, heartbeatTimeoutMs, requests };
    // It comes from renew().
    const attempt = new WorkerAttempt(this.#options, expected, renewal as ZygoteRenewal | undefined);
    let launched: LaunchedWorker;
    try {
      launched = await attempt.run(AbortSignal.any([signal, this.#closing.signal]));
    } catch (error) {
      endOutput(workerId);
      throw error;
    }
    const worker = new PythonWorker(launched.link, launched.process, {
      startWarning: this.#options.supervisor.warning,
      limits: this.#options.limits,
      heartbeatIntervalMs,
    });
    this.#warnAboutUnchecked(worker);
    this.#workers.add(worker);
    void worker.exited.then(() => {
      this.#workers.delete(worker);
      endOutput(workerId);
      return records.release(workerId);
    });
    return worker;
  }

  #warnAboutUnchecked(worker: PythonWorker): void {
    const message = uncheckedParametersWarning(worker.tools);
    if (message === undefined || message === this.#lastWarning) return;
    this.#lastWarning = message;
    const { pool, instrumentation } = this.#options;
    const { workerId } = worker;
    instrumentation.emit("worker.log", {
      pool,
      workerId,
      source: "logging",
      logger: "snakepit",
      level: "warn",
      message,
    });
  }
}

/**
 * Returns the warning about parameters whose annotations cannot be checked; `undefined` without such parameters.
 * Parameters without an annotation do not cause a warning.
 */
function uncheckedParametersWarning(tools: readonly ToolDescriptor[]): string | undefined {
  const unchecked = tools.flatMap((tool) =>
    tool.parameters
      .filter((parameter) => parameter.unchecked !== undefined && parameter.type !== "")
      .map((parameter) => `${tool.name}.${parameter.name} (${parameter.unchecked})`),
  );
  if (unchecked.length === 0) return undefined;
  const named = unchecked.slice(0, MAX_NAMED);
  if (unchecked.length > named.length) named.push(`and ${unchecked.length - named.length} more`);
  return `arguments of these parameters are not checked or cannot be converted; annotate them with the type that callers send: ${named.join(", ")}`;
}
