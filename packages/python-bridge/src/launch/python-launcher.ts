import type { HostRequests, Instrumentation, LaunchRequest, WorkerHandle, WorkerLauncher } from "@snakepit/core";
import { PythonWorker } from "../worker/python-worker.ts";
import { poolIsClosing } from "./start-errors.ts";
import { uncheckedParametersWarning } from "./unchecked-parameters.ts";
import { type LaunchedWorker, type LaunchMeans, WorkerAttempt } from "./worker-attempt.ts";

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
