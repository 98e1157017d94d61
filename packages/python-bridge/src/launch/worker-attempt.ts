import { limitReached, type SnakepitError, type WorkerLimits } from "@snakepit/core";
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
import type { ZygoteRenewal, ZygoteSupervisor } from "./zygote-supervisor.ts";

/** Milliseconds to wait for the last frames of a worker that has ended. */
const LAST_FRAMES_MS = 100;
/** Milliseconds that a worker has to write its stack after SIGABRT. */
const ABORT_MS = 3_000;

/** The collaborators and settings of a launch. */
export interface LaunchDependencies {
  readonly endpoint: WorkerEndpoint;
  readonly transport: WorkerTransport;
  readonly supervisor: ZygoteSupervisor;
  readonly records: ProcessRecords;
  readonly startTimeoutMs: number;
  /** The limits of each worker, for errors. */
  readonly limits?: WorkerLimits | undefined;
  /** Called before a worker writes its stack, which becomes part of the error and is not logged. */
  readonly muteOutput: (workerId: string) => void;
}

/** A worker that is ready for calls. */
export interface LaunchedWorker {
  readonly link: WorkerLink;
  readonly process: WorkerProcess;
}

/**
 * One launch of a worker: reserves the row, starts the process, and activates the row while the worker connects. If a
 * step fails, the process is killed and the row released before the promise rejects.
 */
export class WorkerAttempt {
  readonly #dependencies: LaunchDependencies;
  readonly #worker: ExpectedWorker;
  readonly #renewal: ZygoteRenewal | undefined;
  readonly #rejectionBefore: SnakepitError | undefined;
  #expectation: Expectation | undefined;
  #zygote: ZygoteProcess | undefined;
  #starting: Promise<WorkerProcess> | undefined;

  /** @param renewal the version of the target to start, if it is not that of the supervisor. */
  constructor(dependencies: LaunchDependencies, worker: ExpectedWorker, renewal?: ZygoteRenewal) {
    this.#dependencies = dependencies;
    this.#worker = worker;
    this.#renewal = renewal;
    this.#rejectionBefore = dependencies.endpoint.lastRejection;
  }

  /** Launches the worker. Called once. */
  async run(signal: AbortSignal): Promise<LaunchedWorker> {
    const { records } = this.#dependencies;
    const { workerId, pool } = this.#worker;
    const limit = new LaunchLimit(signal, this.#dependencies.startTimeoutMs);
    const reserved = records.reserve({ workerId, pool, role: "worker" });
    try {
      return await this.#launch(limit, reserved);
    } catch (thrown) {
      const error = await this.#cleanUp(thrown);
      // A row that was not committed does not have to be released.
      if ((await Promise.allSettled([reserved]))[0].status === "fulfilled") await records.release(workerId);
      throw error;
    } finally {
      limit.dispose();
    }
  }

  async #launch(limit: LaunchLimit, reserved: Promise<void>): Promise<LaunchedWorker> {
    const { endpoint, transport, supervisor, records } = this.#dependencies;
    const renewed = this.#renewal?.zygote;
    let [zygote] = await limit.race(Promise.all([renewed ?? supervisor.acquire(), reserved]));
    const address = await limit.race(endpoint.dialAddress(transport));
    // A reload may have retired it meanwhile.
    if (!zygote.isServing && renewed === undefined) zygote = await limit.race(supervisor.acquire());
    // Not before: the error of a zygote that is not ready in time is more specific.
    limit.enforceTimeOut();
    this.#expectation = endpoint.expect(this.#worker);
    this.#zygote = zygote;
    this.#starting = zygote.start(this.#worker.workerId, this.#expectation.token, address);
    const process = await limit.race(this.#starting);
    const { workerId, pid, startTime, processGroup } = process;
    const activated = records.activate({ workerId, pid, startTime, processGroup });
    const ready = Promise.all([this.#expectation.connected, activated]);
    const ended = process.exited.then((exit) => ({ exit }));
    const outcome = await limit.race(Promise.race([ready, ended]));
    if ("exit" in outcome) throw await this.#exitError(process, this.#expectation, outcome.exit);
    const [link] = outcome;
    zygote.connected(workerId);
    return { link, process };
  }

  /** Resolves with the reason of an early exit. A worker that failed during setup reports it over its connection. */
  async #exitError(process: WorkerProcess, expectation: Expectation, exit: WorkerProcessExit): Promise<unknown> {
    try {
      await Promise.race([expectation.connected, limitReached(LAST_FRAMES_MS)]);
    } catch (reason) {
      return reason;
    }
    return endedTooEarly(
      { ...this.#worker, pid: process.pid, limits: this.#dependencies.limits },
      exit,
      this.#newRejection(),
    );
  }

  /** Ends the process, if it was started, and resolves with the error for the caller. */
  async #cleanUp(thrown: unknown): Promise<unknown> {
    const limit = thrown instanceof LaunchLimitReached ? thrown.by : undefined;
    const { workerId, pool } = this.#worker;
    const cancelled = launchCancelled(pool, workerId);
    if (limit !== undefined) this.#zygote?.cancelStart(workerId);
    const [started] = await Promise.allSettled([this.#starting]);
    const process = started.status === "fulfilled" ? started.value : undefined;
    if (limit === "time-out") this.#dependencies.muteOutput(workerId);
    const exit = await endProcess(process, limit === "time-out");
    // Not before: a worker that connects until then must not be rejected as unknown.
    this.#expectation?.abandon(cancelled);
    switch (limit) {
      case "abort":
        return cancelled;
      case "time-out":
        return notReadyInTime(this.#worker, this.#dependencies.startTimeoutMs, exit, this.#newRejection());
      case undefined:
        return thrown;
      default:
        return limit satisfies never;
    }
  }

  /** Returns why a connection was rejected since the launch began; it may have been the connection of this worker. */
  #newRejection(): SnakepitError | undefined {
    const shortage = descriptorShortage();
    if (shortage !== undefined && this.#zygote !== undefined) return connectionDropped(shortage, this.#zygote.demand);
    const { lastRejection } = this.#dependencies.endpoint;
    return lastRejection === this.#rejectionBefore ? undefined : lastRejection;
  }
}

/** Kills a process and its group. With `reportStacks`, Python's fault handler first writes the stacks to stderr. */
async function endProcess(
  process: WorkerProcess | undefined,
  reportStacks: boolean,
): Promise<WorkerProcessExit | undefined> {
  if (process === undefined) return undefined;
  if (reportStacks) {
    process.kill("SIGABRT");
    await Promise.race([process.exited, limitReached(ABORT_MS)]);
  }
  process.kill("SIGKILL");
  return process.exited;
}
