import type { SnakepitError, ThreadStack } from "@snakepit/core";
import { hasAllStacks, readStacks } from "../stderr-tail.ts";
import { StackDump } from "./stack-dump.ts";
import type { WorkerProcess, WorkerProcessExit } from "./worker-process.ts";
import type { ExitedEvent, StartedEvent } from "./zygote-protocol.ts";

/** Characters of output that are searched for stacks. */
const MAX_STACKS = 65_536;

interface RunningWorker {
  readonly process: WorkerProcess;
  readonly exited: (exit: WorkerProcessExit) => void;
  isConnected: boolean;
  /** The output since its stacks were requested. */
  stacks: { written: string; readonly complete: () => void } | undefined;
  /** The stacks that the worker is writing while it continues. */
  dump: PendingDump | undefined;
}

interface PendingDump {
  readonly written: StackDump;
  readonly threads: PromiseWithResolvers<readonly ThreadStack[] | undefined>;
}

/** The commands of the table to its zygote. */
export interface WorkerTableCommands {
  /** Sends a signal to the process group of a worker. */
  signal(workerId: string, signal: NodeJS.Signals): void;
  /** Requests a worker to write its stacks. */
  readStacks(workerId: string): void;
}

/** The starting and running workers of one zygote. */
export class WorkerTable {
  readonly #commands: WorkerTableCommands;
  readonly #starting = new Map<string, PromiseWithResolvers<WorkerProcess>>();
  readonly #running = new Map<string, RunningWorker>();
  #onEmpty: (() => void) | undefined;

  constructor(commands: WorkerTableCommands) {
    this.#commands = commands;
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

  get connectedCount(): number {
    return this.#running.values().reduce((count, { isConnected }) => count + Number(isConnected), 0);
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
      if (this.#running.has(workerId)) this.#commands.signal(workerId, signal);
    };
    const requestStacks = () => {
      const stacks = Promise.withResolvers<void>();
      const worker = this.#running.get(workerId);
      if (worker !== undefined) worker.stacks = { written: "", complete: stacks.resolve };
      // On SIGQUIT, Python's fault handler writes the stacks without a core dump.
      kill("SIGQUIT");
      return stacks.promise;
    };
    const readStacks = () => this.#readStacks(workerId);
    const process = { workerId, pid, startTime, processGroup, exited: exited.promise, kill, requestStacks, readStacks };
    const isConnected = false;
    this.#running.set(workerId, { process, exited: exited.resolve, isConnected, stacks: undefined, dump: undefined });
    this.#take(workerId)?.resolve(process);
  }

  /** A worker is connected to its host. */
  connected(workerId: string): void {
    const worker = this.#running.get(workerId);
    if (worker !== undefined) worker.isConnected = true;
  }

  startFailed(workerId: string, error: SnakepitError): void {
    this.#take(workerId)?.reject(error);
    this.#checkEmpty();
  }

  /** A worker has written to its file descriptor 1 or 2. Returns the output that is not part of requested stacks. */
  wrote(workerId: string, text: string): string {
    const worker = this.#running.get(workerId);
    const stacks = worker?.stacks;
    if (stacks !== undefined) {
      stacks.written = (stacks.written + text).slice(-MAX_STACKS);
      if (hasAllStacks(stacks.written)) stacks.complete();
    }
    if (worker?.dump === undefined) return text;
    const { written, threads } = worker.dump;
    if (!written.push(text)) return "";
    worker.dump = undefined;
    threads.resolve(written.threads());
    return written.rest();
  }

  /** The worker has ended, or does not handle the signal that requests stacks. */
  stacksUnavailable(workerId: string): void {
    const worker = this.#running.get(workerId);
    worker?.dump?.threads.resolve(undefined);
    if (worker !== undefined) worker.dump = undefined;
  }

  exited(event: ExitedEvent): void {
    const worker = this.#running.get(event.worker_id);
    worker?.dump?.threads.resolve(undefined);
    this.#running.delete(event.worker_id);
    const stacks = readStacks(event.stacks);
    worker?.exited({
      ...(event.exit_code !== null && { exitCode: event.exit_code }),
      ...(event.signal !== null && { signal: event.signal }),
      outOfMemory: event.out_of_memory,
      stderrTail: event.stderr_tail,
      ...(stacks !== undefined && { stacks }),
    });
    this.#checkEmpty();
  }

  /** Ends all workers because the zygote has ended; `errorOf` returns the error of each. */
  allLost(errorOf: (workerId: string, was: "starting" | "running") => SnakepitError): void {
    for (const workerId of [...this.#starting.keys()]) this.startFailed(workerId, errorOf(workerId, "starting"));
    for (const [workerId, worker] of this.#running) {
      worker.dump?.threads.resolve(undefined);
      worker.exited({ outOfMemory: false, stderrTail: "", cause: errorOf(workerId, "running") });
    }
    this.#running.clear();
  }

  #readStacks(workerId: string): Promise<readonly ThreadStack[] | undefined> {
    const worker = this.#running.get(workerId);
    if (worker === undefined) return Promise.resolve(undefined);
    if (worker.dump === undefined) {
      worker.dump = { written: new StackDump(), threads: Promise.withResolvers() };
      this.#commands.readStacks(workerId);
    }
    return worker.dump.threads.promise;
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
