import { setTimeout as sleep } from "node:timers/promises";
import { deadlineIn, remainingMs, type SnakepitError } from "@snakepit/core";
import type { Expectation, ExpectedWorker } from "../endpoint/expectations.ts";
import type { WorkerEndpoint } from "../endpoint/worker-endpoint.ts";
import type { WorkerLink } from "../link/worker-link.ts";
import { descriptorShortage } from "../system-shortage.ts";
import { LaunchLimit, LaunchLimitReached } from "./launch-limit.ts";
import type { ProcessRecords } from "./process-records.ts";
import { connectionDropped, endedTooEarly, launchCancelled, notReadyInTime } from "./start-errors.ts";
import type { WorkerProcess, WorkerProcessExit } from "./worker-process.ts";
import type { ZygoteProcess } from "./zygote-process.ts";
import type { WorkerTransport } from "./zygote-protocol.ts";
import type { ZygoteSupervisor } from "./zygote-supervisor.ts";

/** Milliseconds that the reason of a worker which has ended may take to arrive over its connection. */
const LAST_FRAMES_MS = 100;
/** Milliseconds that a worker which is not ready in time has to say where it is. */
const ABORT_MS = 500;

/** What launching a worker takes. */
export interface LaunchMeans {
  readonly endpoint: WorkerEndpoint;
  readonly transport: WorkerTransport;
  readonly supervisor: ZygoteSupervisor;
  readonly book: ProcessRecords;
  readonly startTimeoutMs: number;
  /** Called before a worker is asked for its stack, which belongs into the error. */
  readonly mute: (workerId: string) => void;
}

/** A worker that is ready. */
export interface LaunchedWorker {
  readonly link: WorkerLink;
  readonly process: WorkerProcess;
}

/**
 * One launch: the row is reserved, the process started, the row activated while the worker connects. When any of it
 * fails the process is gone and the row released before the promise rejects.
 */
export class WorkerAttempt {
  readonly #means: LaunchMeans;
  readonly #worker: ExpectedWorker;
  readonly #rejectionBefore: SnakepitError | undefined;
  #expectation: Expectation | undefined;
  #zygote: ZygoteProcess | undefined;
  #starting: Promise<WorkerProcess> | undefined;

  constructor(means: LaunchMeans, worker: ExpectedWorker) {
    this.#means = means;
    this.#worker = worker;
    this.#rejectionBefore = means.endpoint.lastRejection;
  }

  async run(signal: AbortSignal): Promise<LaunchedWorker> {
    const { book } = this.#means;
    const { workerId, pool } = this.#worker;
    const limit = new LaunchLimit(signal);
    const reserved = book.reserve({ workerId, pool, role: "worker" });
    try {
      return await this.#launch(limit, reserved);
    } catch (thrown) {
      const error = await this.#undo(thrown);
      // A row that was never committed need not be released.
      if ((await Promise.allSettled([reserved]))[0].status === "fulfilled") await book.release(workerId);
      throw error;
    } finally {
      limit.lift();
    }
  }

  async #launch(limit: LaunchLimit, reserved: Promise<void>): Promise<LaunchedWorker> {
    const { endpoint, transport, supervisor, book, startTimeoutMs } = this.#means;
    const deadline = deadlineIn(startTimeoutMs);
    const [zygote] = await limit.race(Promise.all([supervisor.acquire(), reserved]));
    const address = await limit.race(endpoint.dialAddress(transport));
    // Not before: a zygote that is not ready in time knows the reason better.
    limit.timeOutAfter(remainingMs(deadline));
    this.#expectation = endpoint.expect(this.#worker);
    this.#zygote = zygote;
    this.#starting = zygote.start(this.#worker.workerId, this.#expectation.token, address);
    const process = await limit.race(this.#starting);
    const { workerId, pid, startTime, processGroup } = process;
    const ready = Promise.all([this.#expectation.connected, book.activate({ workerId, pid, startTime, processGroup })]);
    const ended = process.exited.then((exit) => ({ exit }));
    const outcome = await limit.race(Promise.race([ready, ended]));
    if ("exit" in outcome) throw await this.#whyItEnded(process, this.#expectation, outcome.exit);
    const [link] = outcome;
    return { link, process };
  }

  /** A worker that could not be set up reports why before it ends, but over another channel. */
  async #whyItEnded(process: WorkerProcess, expectation: Expectation, exit: WorkerProcessExit): Promise<unknown> {
    try {
      await Promise.race([expectation.connected, sleep(LAST_FRAMES_MS)]);
    } catch (reason) {
      return reason;
    }
    return endedTooEarly({ ...this.#worker, pid: process.pid }, exit, this.#newRejection());
  }

  /** Ends the process, if there is one, and finds the words for the caller. */
  async #undo(thrown: unknown): Promise<unknown> {
    const limit = thrown instanceof LaunchLimitReached ? thrown.by : undefined;
    const { workerId, pool } = this.#worker;
    const cancelled = launchCancelled(pool, workerId);
    if (limit !== undefined) this.#zygote?.cancelStart(workerId);
    const [started] = await Promise.allSettled([this.#starting]);
    const process = started.status === "fulfilled" ? started.value : undefined;
    if (limit === "time-out") this.#means.mute(workerId);
    const exit = await endProcess(process, limit === "time-out");
    // Not before: a worker that connects in its last moment must not be rejected as unknown.
    this.#expectation?.abandon(cancelled);
    switch (limit) {
      case "abort":
        return cancelled;
      case "time-out":
        return notReadyInTime(this.#worker, this.#means.startTimeoutMs, exit, this.#newRejection());
      case undefined:
        return thrown;
      default:
        return limit satisfies never;
    }
  }

  /** Why a connection was refused meanwhile, perhaps that of this worker. */
  #newRejection(): SnakepitError | undefined {
    const shortage = descriptorShortage();
    if (shortage !== undefined && this.#zygote !== undefined) return connectionDropped(shortage, this.#zygote.demand);
    const { lastRejection } = this.#means.endpoint;
    return lastRejection === this.#rejectionBefore ? undefined : lastRejection;
  }
}

/** Kills a process and its group; on request, lets Python's fault handler write its stacks to stderr first. */
async function endProcess(
  process: WorkerProcess | undefined,
  reportStacks: boolean,
): Promise<WorkerProcessExit | undefined> {
  if (process === undefined) return undefined;
  if (reportStacks) {
    process.kill("SIGABRT");
    await Promise.race([process.exited, sleep(ABORT_MS, undefined, { ref: false })]);
  }
  process.kill("SIGKILL");
  return process.exited;
}
