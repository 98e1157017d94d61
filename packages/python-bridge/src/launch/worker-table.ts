import type { SnakepitError } from "@snakepit/core";
import type { WorkerProcess, WorkerProcessExit } from "./worker-process.ts";
import type { ExitedEvent, StartedEvent } from "./zygote-protocol.ts";

interface RunningWorker {
  readonly process: WorkerProcess;
  readonly exited: (exit: WorkerProcessExit) => void;
}

/** The starting and running workers of one zygote. */
export class WorkerTable {
  readonly #sendSignal: (workerId: string, signal: NodeJS.Signals) => void;
  readonly #starting = new Map<string, PromiseWithResolvers<WorkerProcess>>();
  readonly #running = new Map<string, RunningWorker>();
  #onEmpty: (() => void) | undefined;

  /** @param sendSignal sends a signal to the process group of a worker. */
  constructor(sendSignal: (workerId: string, signal: NodeJS.Signals) => void) {
    this.#sendSignal = sendSignal;
  }

  /** The processes whose end has not been reported. */
  get running(): Iterable<WorkerProcess> {
    return this.#running.values().map((worker) => worker.process);
  }

  /** Calls a function once no worker is starting or running. */
  onceEmpty(callback: () => void): void {
    this.#onEmpty = callback;
    this.#checkEmpty();
  }

  get runningCount(): number {
    return this.#running.size;
  }

  isStarting(workerId: string): boolean {
    return this.#starting.has(workerId);
  }

  isRunning(workerId: string): boolean {
    return this.#running.has(workerId);
  }

  /** Adds a requested worker. The promise settles when the zygote reports that the worker started or failed. */
  expect(workerId: string): Promise<WorkerProcess> {
    const start = Promise.withResolvers<WorkerProcess>();
    this.#starting.set(workerId, start);
    return start.promise;
  }

  started(event: StartedEvent): void {
    const { worker_id: workerId, pid, start_time: startTime, process_group: processGroup } = event;
    const exited = Promise.withResolvers<WorkerProcessExit>();
    const kill = (signal: NodeJS.Signals) => {
      if (this.#running.has(workerId)) this.#sendSignal(workerId, signal);
    };
    const process = { workerId, pid, startTime, processGroup, exited: exited.promise, kill };
    this.#running.set(workerId, { process, exited: exited.resolve });
    this.#take(workerId)?.resolve(process);
  }

  startFailed(workerId: string, error: SnakepitError): void {
    this.#take(workerId)?.reject(error);
    this.#checkEmpty();
  }

  exited(event: ExitedEvent): void {
    const worker = this.#running.get(event.worker_id);
    this.#running.delete(event.worker_id);
    worker?.exited({
      ...(event.exit_code !== null && { exitCode: event.exit_code }),
      ...(event.signal !== null && { signal: event.signal }),
      outOfMemory: event.out_of_memory,
      stderrTail: event.stderr_tail,
    });
    this.#checkEmpty();
  }

  /** Ends all workers because the zygote has ended; `errorOf` returns the error of each. */
  allLost(errorOf: (workerId: string, was: "starting" | "running") => SnakepitError): void {
    for (const workerId of [...this.#starting.keys()]) this.startFailed(workerId, errorOf(workerId, "starting"));
    for (const [workerId, worker] of this.#running) {
      worker.exited({ outOfMemory: false, stderrTail: "", cause: errorOf(workerId, "running") });
    }
    this.#running.clear();
  }

  #checkEmpty(): void {
    if (this.#starting.size > 0 || this.#running.size > 0) return;
    const onEmpty = this.#onEmpty;
    this.#onEmpty = undefined;
    onEmpty?.();
  }

  #take(workerId: string): PromiseWithResolvers<WorkerProcess> | undefined {
    const start = this.#starting.get(workerId);
    this.#starting.delete(workerId);
    return start;
  }
}
