import { setTimeout as sleep } from "node:timers/promises";
import {
  type SnakepitError,
  type StopOptions,
  startTimer,
  type ToolDescriptor,
  type WorkerExit,
  type WorkerHandle,
  type WorkerVitals,
} from "@snakepit/core";
import type { WorkerProcess, WorkerProcessExit } from "../launch/worker-process.ts";
import type { LinkClosed, WorkerLink } from "../link/worker-link.ts";
import { didNotEnd, lostCall, type WorkerIdentity, workerExit } from "./worker-exit.ts";

/** Milliseconds that a worker has to end after SIGTERM. */
const TERM_MS = 500;
/** Milliseconds that a hung worker has to write its stack after SIGABRT. */
const ABORT_MS = 3_000;
/** Milliseconds that a worker has to write its stacks before it is killed. */
const STACKS_MS = 100;
/** Milliseconds that a worker has to end after its connection closed. Python allows tools and `teardown` one second. */
const LINK_LOST_MS = 2_000;
/** Milliseconds to read the last frames of a worker whose process has ended. */
const LAST_FRAMES_MS = 250;

type WorkerState =
  | { readonly is: "running" }
  /** Receives no new calls; terminated by the timer. */
  | { readonly is: "draining"; readonly until: number; readonly timer: NodeJS.Timeout }
  | { readonly is: "terminating"; readonly timer: NodeJS.Timeout }
  | { readonly is: "killed" }
  | { readonly is: "exited" };

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
  #requested = false;

  /** @param startWarning a problem detected during the start that may make calls hang. */
  constructor(link: WorkerLink, process: WorkerProcess, startWarning?: string) {
    this.#link = link;
    this.capacity = link.facts.capacity;
    this.maxAhead = link.maxAhead;
    this.dispatch = link.dispatch.bind(link);
    this.sendAhead = link.sendAhead.bind(link);
    this.startWarning = startWarning;
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

  get vitals(): WorkerVitals | undefined {
    return this.#link.vitals;
  }

  endSession(sessionId: string): void {
    this.#link.endSession(sessionId);
  }

  invalidate(sessionId: string, names: readonly string[] = []): void {
    this.#link.invalidate(sessionId, names);
  }

  stop({ graceMs = 0, reportStacks = false }: StopOptions = {}): Promise<WorkerExit> {
    if (this.#state.is !== "exited") this.#requested = true;
    if (graceMs <= 0 && reportStacks && this.#state.is === "running") this.#killWithStacks();
    else if (graceMs <= 0) this.#kill();
    else this.#drain(graceMs);
    return this.exited;
  }

  /** Whether the process was requested to end. A timer then kills it. */
  get #isEnding(): boolean {
    return this.#state.is === "draining" || this.#state.is === "terminating";
  }

  get #identity(): WorkerIdentity {
    return { pool: this.#link.pool, workerId: this.workerId, pid: this.pid };
  }

  #drain(graceMs: number): void {
    const until = performance.now() + graceMs;
    switch (this.#state.is) {
      case "running":
        this.#link.drain();
        break;
      case "draining":
        if (this.#state.until <= until) return;
        break;
      case "terminating":
      case "killed":
      case "exited":
        return;
      default:
        this.#state satisfies never;
    }
    this.#become({ is: "draining", until, timer: startTimer(() => this.#terminate(), graceMs) });
  }

  #terminate(): void {
    this.#process.kill("SIGTERM");
    this.#become({ is: "terminating", timer: setTimeout(() => this.#kill(), TERM_MS) });
  }

  /** On SIGQUIT, Python's fault handler writes the stacks without a core dump; the process continues. */
  #killWithStacks(): void {
    this.#process.kill("SIGQUIT");
    this.#become({ is: "terminating", timer: setTimeout(() => this.#kill(), STACKS_MS) });
  }

  #kill(): void {
    if (this.#state.is === "exited") return;
    this.#process.kill("SIGKILL");
    this.#become({ is: "killed" });
  }

  /** The only method that changes the state. */
  #become(next: WorkerState): void {
    if (this.#state.is === "draining" || this.#state.is === "terminating") clearTimeout(this.#state.timer);
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
    this.#link.settleActive((callId) => lostCall(worker, exit, callId), exit);
    return exit;
  }

  /** Resolves when the process has ended; kills a process that continues without its connection. */
  async #endOfProcess(link: LinkClosed | undefined): Promise<{ exit: WorkerProcessExit; cause?: SnakepitError }> {
    const hung = link?.cause?.code === "WORKER_HUNG";
    // Python's fault handler writes the stacks to stderr.
    if (hung) this.#process.kill("SIGABRT");
    // A worker that was requested to end still has the rest of its grace period to shut down the interpreter.
    const timeout = this.#isEnding ? undefined : sleep(hung ? ABORT_MS : LINK_LOST_MS, undefined, { ref: false });
    const exit = await Promise.race([this.#process.exited, ...(timeout === undefined ? [] : [timeout])]);
    if (exit !== undefined) return { exit };
    this.#kill();
    const killed = await this.#process.exited;
    return hung ? { exit: killed } : { exit: killed, cause: didNotEnd(this.#identity) };
  }

  /** Reads the last frames of a process that has ended. Does not wait for a process that inherited the connection. */
  async #endOfLink(): Promise<LinkClosed | undefined> {
    const closed = await Promise.race([this.#link.closed, sleep(LAST_FRAMES_MS, undefined, { ref: false })]);
    if (closed === undefined) void this.#link.close();
    return closed ?? undefined;
  }
}
