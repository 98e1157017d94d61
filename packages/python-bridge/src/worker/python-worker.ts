import {
  type CollectedStacks,
  limitReached,
  type SnakepitError,
  type StacksOptions,
  type StopOptions,
  TimeLimit,
  type ToolDescriptor,
  type WorkerExit,
  type WorkerHandle,
  type WorkerLimits,
  type WorkerProfile,
  type WorkerRuntime,
  type WorkerVitals,
} from "@snakepit/core";
import type { WorkerIdentity, WorkerProcess, WorkerProcessExit } from "../launch/worker-process.ts";
import type { LinkClosed, WorkerLink } from "../link/worker-link.ts";
import { readRunningStacks } from "./running-stacks.ts";
import { didNotEnd, lostCall, workerExit } from "./worker-exit.ts";

/** Milliseconds that a worker has to end after SIGTERM. */
const TERM_MS = 500;
/** Milliseconds that a hung worker has to write its stacks after SIGABRT. */
const ABORT_MS = 3_000;
/** Milliseconds that a worker has to write its stacks before it is killed; usually it takes a few. */
const STACKS_MS = 1_000;
/** Milliseconds that a worker has to end after its connection closed. Python allows tools and `teardown` one second. */
const LINK_LOST_MS = 2_000;
/** Milliseconds to read the last frames of a worker whose process has ended. */
const LAST_FRAMES_MS = 250;

type WorkerState =
  | { readonly is: "running" }
  /** Receives no new calls; terminated when the limit is reached. */
  | { readonly is: "draining"; readonly limit: TimeLimit }
  | { readonly is: "terminating"; readonly limit: TimeLimit }
  | { readonly is: "killed" }
  | { readonly is: "exited" };

/** The options of a {@link PythonWorker}. */
export interface PythonWorkerOptions {
  readonly startWarning?: string | undefined;
  readonly limits?: WorkerLimits | undefined;
  readonly heartbeatIntervalMs?: number | undefined;
}

/** A Python worker: its connection and its process. */
export class PythonWorker implements WorkerHandle {
  readonly exited: Promise<WorkerExit>;
  readonly capacity: number;
  readonly maxAhead: number;
  /** Directly those of the connection: they are called for each call. */
  readonly dispatch: WorkerHandle["dispatch"];
  readonly sendAhead: NonNullable<WorkerHandle["sendAhead"]>;
  readonly startWarning: string | undefined;
  readonly #link: WorkerLink;
  readonly #process: WorkerProcess;
  #state: WorkerState = { is: "running" };
  readonly #limits: WorkerLimits | undefined;
  readonly #heartbeatIntervalMs: number;
  #requested = false;

  /**
   * @param options.startWarning a problem detected during the start that may make calls hang.
   * @param options.limits the limits of the process, for errors.
   * @param options.heartbeatIntervalMs milliseconds between its heartbeats. Default: 2,000.
   */
  constructor(
    link: WorkerLink,
    process: WorkerProcess,
    { startWarning, limits, heartbeatIntervalMs = 2_000 }: PythonWorkerOptions = {},
  ) {
    this.#link = link;
    this.capacity = link.facts.capacity;
    this.maxAhead = link.maxAhead;
    this.dispatch = link.dispatch.bind(link);
    this.sendAhead = link.sendAhead.bind(link);
    this.startWarning = startWarning;
    this.#limits = limits;
    this.#heartbeatIntervalMs = heartbeatIntervalMs;
    this.#process = process;
    this.exited = this.#follow();
  }

  get workerId(): string {
    return this.#process.workerId;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get tools(): readonly ToolDescriptor[] {
    return this.#link.facts.tools;
  }

  get profile(): WorkerProfile | undefined {
    return this.#link.facts.profile;
  }

  get runtime(): WorkerRuntime {
    return this.#link.facts.runtime;
  }

  get checkTool(): string | undefined {
    return this.#link.facts.checkTool;
  }

  get sourceFiles(): readonly string[] {
    return this.#link.facts.sourceFiles;
  }

  get vitals(): WorkerVitals | undefined {
    return this.#link.vitals;
  }

  get isSilent(): boolean {
    return this.#link.isSilent;
  }

  endSession(sessionId: string): void {
    this.#link.endSession(sessionId);
  }

  invalidate(sessionId: string, names: readonly string[] = []): void {
    this.#link.invalidate(sessionId, names);
  }

  readStacks(options: StacksOptions): Promise<CollectedStacks> {
    return readRunningStacks(this.#link, this.#process, this.#heartbeatIntervalMs, options);
  }

  stop({ graceMs = 0, reportStacks = false }: StopOptions = {}): Promise<WorkerExit> {
    if (this.#state.is !== "exited") this.#requested = true;
    if (graceMs <= 0 && reportStacks && this.#state.is === "running") this.#killWithStacks();
    else if (graceMs <= 0) this.#kill();
    else this.#drain(graceMs);
    return this.exited;
  }

  /** Whether the process was requested to end. A time limit then kills it. */
  get #isEnding(): boolean {
    return this.#state.is === "draining" || this.#state.is === "terminating";
  }

  get #identity(): WorkerIdentity {
    return { pool: this.#link.pool, workerId: this.workerId, pid: this.pid, limits: this.#limits };
  }

  #drain(graceMs: number): void {
    switch (this.#state.is) {
      case "running":
        this.#link.drain();
        break;
      case "draining":
        if (this.#state.limit.remainingMs <= graceMs) return;
        break;
      case "terminating":
      case "killed":
      case "exited":
        return;
      default:
        this.#state satisfies never;
    }
    this.#become({ is: "draining", limit: new TimeLimit(graceMs, () => this.#terminate()) });
  }

  #terminate(): void {
    this.#process.kill("SIGTERM");
    this.#become({ is: "terminating", limit: new TimeLimit(TERM_MS, () => this.#kill()) });
  }

  #killWithStacks(): void {
    void this.#process.requestStacks().then(() => this.#kill());
    this.#become({ is: "terminating", limit: new TimeLimit(STACKS_MS, () => this.#kill()) });
  }

  #kill(): void {
    if (this.#state.is === "exited") return;
    this.#process.kill("SIGKILL");
    this.#become({ is: "killed" });
  }

  /** The only method that changes the state. */
  #become(next: WorkerState): void {
    if (this.#state.is === "draining" || this.#state.is === "terminating") this.#state.limit.cancel();
    this.#state = next;
  }

  async #follow(): Promise<WorkerExit> {
    const first = await Promise.race([
      this.#link.closed.then((link) => ({ link })),
      this.#process.exited.then(() => ({ link: undefined })),
    ]);
    const linkClosed = first.link ?? (await this.#endOfLink());
    const ended = await this.#endOfProcess(linkClosed);
    this.#become({ is: "exited" });
    const worker = this.#identity;
    const exit = workerExit(
      worker,
      this.#requested,
      ended.exit,
      this.#link.stderrTail,
      ended.cause ?? linkClosed?.cause,
    );
    this.#link.settleActive((callId, tool) => lostCall(worker, exit, callId, tool), exit);
    return exit;
  }

  /** Resolves when the process has ended; kills a process that continues without its connection. */
  async #endOfProcess(link: LinkClosed | undefined): Promise<{ exit: WorkerProcessExit; cause?: SnakepitError }> {
    const hung = link?.cause?.code === "WORKER_HUNG";
    // Python's fault handler writes the stacks to stderr.
    if (hung) this.#process.kill("SIGABRT");
    // A worker that was requested to end still has the rest of its grace period to shut down the interpreter.
    const timeout = this.#isEnding ? undefined : limitReached(hung ? ABORT_MS : LINK_LOST_MS);
    const exit = await Promise.race([this.#process.exited, ...(timeout === undefined ? [] : [timeout])]);
    if (exit !== undefined) return { exit };
    this.#kill();
    const killed = await this.#process.exited;
    // Another end came before, and was reported late: on a machine under load, or because the zygote ended too.
    if (hung || killed.signal !== "SIGKILL") return { exit: killed };
    return { exit: killed, cause: didNotEnd(this.#identity) };
  }

  /** Reads the last frames of a process that has ended. Does not wait for a process that inherited the connection. */
  async #endOfLink(): Promise<LinkClosed | undefined> {
    const closed = await Promise.race([this.#link.closed, limitReached(LAST_FRAMES_MS)]);
    if (closed === undefined) void this.#link.close();
    return closed ?? undefined;
  }
}
