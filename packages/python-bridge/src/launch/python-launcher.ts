import type {
  HostRequests,
  Instrumentation,
  LaunchRequest,
  ToolDescriptor,
  WorkerHandle,
  WorkerLauncher,
} from "@snakepit/core";
import { PythonWorker } from "../worker/python-worker.ts";
import { poolIsClosing } from "./start-errors.ts";
import { type LaunchedWorker, type LaunchMeans, WorkerAttempt } from "./worker-attempt.ts";

/** The most parameters that a warning names; it counts the others. */
const MOST_NAMED = 20;

/** What a {@link PythonLauncher} is made of. */
export interface PythonLauncherParts extends LaunchMeans {
  readonly pool: string;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  /** Answers what the workers ask of the host. */
  readonly requests: HostRequests;
  readonly instrumentation: Instrumentation;
  /** Called when a worker is gone. */
  readonly forget: (workerId: string) => void;
}

/** Starts the Python workers of one pool. */
export class PythonLauncher implements WorkerLauncher {
  readonly #parts: PythonLauncherParts;
  readonly #closing = new AbortController();
  readonly #attempts = new Set<Promise<WorkerHandle>>();
  readonly #workers = new Set<PythonWorker>();
  /** The last warning about the tools; workers of one target all have the same. */
  #warned: string | undefined;

  constructor(parts: PythonLauncherParts) {
    this.#parts = parts;
  }

  launch(request: LaunchRequest): Promise<WorkerHandle> {
    const attempt = this.#attempt(request);
    this.#attempts.add(attempt);
    const over = () => void this.#attempts.delete(attempt);
    attempt.then(over, over);
    return attempt;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#attempts);
    await Promise.all([...this.#workers].map((worker) => worker.stop()));
    await this.#parts.supervisor.close();
    await this.#parts.book.settled();
  }

  async #attempt({ workerId, signal }: LaunchRequest): Promise<WorkerHandle> {
    const { pool, heartbeatIntervalMs, heartbeatTimeoutMs, requests, book, forget } = this.#parts;
    if (this.#closing.signal.aborted) throw poolIsClosing(pool);
    const expected = { workerId, pool, heartbeatIntervalMs, heartbeatTimeoutMs, requests };
    const attempt = new WorkerAttempt(this.#parts, expected);
    let launched: LaunchedWorker;
    try {
      launched = await attempt.run(AbortSignal.any([signal, this.#closing.signal]));
    } catch (error) {
      forget(workerId);
      throw error;
    }
    const worker = new PythonWorker(launched.link, launched.process, this.#parts.supervisor.warning);
    this.#warnOfUnchecked(worker);
    this.#workers.add(worker);
    void worker.exited.then(() => {
      this.#workers.delete(worker);
      forget(workerId);
      return book.release(workerId);
    });
    return worker;
  }

  #warnOfUnchecked(worker: PythonWorker): void {
    const message = uncheckedParametersWarning(worker.tools);
    if (message === undefined || message === this.#warned) return;
    this.#warned = message;
    const { pool, instrumentation } = this.#parts;
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
 * The warning about parameters whose annotations cannot be checked; `undefined` when there are no such parameters.
 * Parameters without an annotation are not among them.
 */
function uncheckedParametersWarning(tools: readonly ToolDescriptor[]): string | undefined {
  const unchecked = tools.flatMap((tool) =>
    tool.parameters
      .filter((parameter) => parameter.unchecked !== undefined && parameter.type !== "")
      .map((parameter) => `${tool.name}.${parameter.name} (${parameter.unchecked})`),
  );
  if (unchecked.length === 0) return undefined;
  const named = unchecked.slice(0, MOST_NAMED);
  if (unchecked.length > named.length) named.push(`and ${unchecked.length - named.length} more`);
  return `arguments are not checked, or cannot be converted, for these parameters; annotate them with what is sent: ${named.join(", ")}`;
}
