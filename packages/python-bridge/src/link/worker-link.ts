import {
  type CallFailure,
  type Chunk,
  errorOfFailure,
  type Frame,
  type Payload,
  type Result,
  CancelReason as WireCancelReason,
} from "@snakepit/bridge-proto";
import {
  type CallObserver,
  type CallOutcome,
  type CancelReason,
  type CollectedStacks,
  type ExecutionMs,
  type HostRequests,
  type Instrumentation,
  SnakepitError,
  toSnakepitError,
  type WorkerCall,
  type WorkerExit,
  type WorkerVitals,
} from "@snakepit/core";
import type { Awaited, FrameReceiver, FrameTransport, TransportClosed } from "../transports/frame-transport.ts";
import type { UnsentRecords } from "../transports/unsent-records.ts";
import { ActiveCall, type CallControl, CallTable, millisecondsOf, valueOfPayload, wireCall } from "./active-call.ts";
import { protocolViolation, RequestTable } from "./request-table.ts";
import { StackRequests } from "./stack-requests.ts";
import type { StartPermits } from "./start-permits.ts";
import type { WorkerFacts } from "./worker-facts.ts";
import { WorkerReports } from "./worker-reports.ts";

/** The collaborators and settings of a {@link WorkerLink}. */
export interface WorkerLinkOptions {
  readonly transport: FrameTransport;
  readonly facts: WorkerFacts;
  readonly pool: string;
  readonly instrumentation: Instrumentation;
  /** Handles the requests of the worker. */
  readonly requests: HostRequests;
  /** The maximum size of a value that the worker accepts, in bytes. */
  readonly maxPayloadBytes: number;
  /** The permits of calls that are sent ahead; absent if the worker does not support them. The link closes them. */
  readonly permits?: StartPermits | undefined;
  /** The records that the worker has not sent; absent if it sends each at once. The transport closes them. */
  readonly unsent?: UnsentRecords | undefined;
}

/** How a link ended. */
export interface LinkClosed {
  /** Whether this host closed it. */
  readonly requested: boolean;
  /** The reason; absent if the worker disconnected without one. */
  readonly cause?: SnakepitError;
}

type LinkState =
  | { readonly is: "open" }
  /** The connection has closed. Its calls wait until the owner of the link knows why the worker ended. */
  | { readonly is: "closed" }
  | { readonly is: "settled"; readonly errorOf: (callId: string, tool: string) => SnakepitError };

const MAX_ID = 0xffff_ffff;
/** The maximum number of calls ahead; their permits must fit into one write to a pipe. */
const MAX_AHEAD = 1_000;
const NO_IDS: readonly number[] = [];

/**
 * The connection of an accepted worker, with its calls, requests, heartbeats and logs. A link has no access to the
 * process: its owner waits for {@link closed}, determines how the process ended, and calls {@link settleActive}.
 */
export class WorkerLink implements FrameReceiver, CallControl {
  readonly facts: WorkerFacts;
  readonly pool: string;
  /** Resolves when the connection has closed; never rejects. */
  readonly closed: Promise<LinkClosed>;
  readonly #transport: FrameTransport;
  readonly #requests: RequestTable;
  readonly #reports: WorkerReports;
  readonly #permits: StartPermits | undefined;
  #hasNewPermits = false;
  readonly #calls = new CallTable();
  readonly #stackRequests = new StackRequests();
  #state: LinkState = { is: "open" };
  #vitals: WorkerVitals | undefined;
  #isSilent = false;

  constructor(options: WorkerLinkOptions) {
    this.facts = options.facts;
    this.pool = options.pool;
    this.#transport = options.transport;
    this.#requests = new RequestTable({ ...options, workerId: options.facts.workerId });
    this.#reports = new WorkerReports({
      ...options,
      workerId: options.facts.workerId,
      send: (frame) => this.#transport.send(frame),
      callOf: (id) => this.#calls.get(id)?.call,
    });
    this.#permits = options.permits;
    this.#transport.beforeWrite?.(() => this.#writePermits());
    if (options.unsent !== undefined) this.#transport.readUnsent?.(options.unsent, () => this.#awaited);
    this.closed = options.transport.closed.then((closed) => this.#onClosed(closed));
    options.transport.deliverTo(this);
  }

  /** The values of the last heartbeat; `undefined` before the first one. */
  get vitals(): WorkerVitals | undefined {
    return this.#vitals;
  }

  /** Whether the worker has sent nothing for half of its heartbeat time-out. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** The last lines that Python code wrote to `sys.stderr`. */
  get stderrTail(): string {
    return this.#reports.stderrTail;
  }

  /** See `WorkerHandle.maxAhead`. */
  get maxAhead(): number {
    return this.#permits === undefined ? 0 : MAX_AHEAD;
  }

  /** The number of calls whose outcome has not arrived. */
  get activeCalls(): number {
    return this.#calls.size;
  }

  /** The number of unanswered requests of the worker. */
  get activeRequests(): number {
    return this.#requests.size;
  }

  /** Bytes received so far; increases with each heartbeat. */
  get bytesReceived(): number {
    return this.#transport.bytesReceived;
  }

  /** See `WorkerHandle.dispatch`. On a closed link, the call fails like the calls that were active. */
  dispatch(call: WorkerCall, observer: CallObserver): ActiveCall {
    return this.#send(new ActiveCall(this.#calls.nextId(), call, observer, this), false);
  }

  /** See `WorkerHandle.sendAhead`. Without permits, like {@link dispatch}; a closed link starts none. */
  sendAhead(call: WorkerCall, observer: CallObserver): ActiveCall {
    const ahead = this.#permits !== undefined;
    const active = new ActiveCall(this.#calls.nextId(), call, observer, this, ahead);
    if (ahead) {
      this.#permits?.add(active.id);
      this.#hasNewPermits = true;
    }
    return this.#send(active, ahead);
  }

  /** Notifies the worker that a session has ended. */
  endSession(sessionId: string): void {
    this.#transport.send({ kind: { $case: "sessionEnded", value: { sessionId } } });
  }

  /** Notifies the worker that cached values of a session are stale. An empty `names` means all values. */
  invalidate(sessionId: string, names: readonly string[]): void {
    this.#transport.send({ kind: { $case: "invalidate", value: { sessionId, keys: [...names] } } });
  }

  /** Sends what the worker needs in addition to Accept; called right after that. */
  begin(): void {
    this.#reports.begin();
  }

  /** Notifies the worker that it receives no new calls: it ends after its active ones. */
  drain(): void {
    this.#transport.send({ kind: { $case: "drain", value: {} } });
  }

  /** Requests the stacks of the worker. Rejects with `WORKER_CRASHED` when the connection closes. */
  readStacks(): Promise<CollectedStacks> {
    return this.#stackRequests.request((id) => this.#transport.send({ kind: { $case: "readStacks", value: { id } } }));
  }

  /** Requests the worker to end. Active calls are cancelled and have `graceMs` milliseconds to end. */
  shutdown(graceMs: number): void {
    this.#transport.send({ kind: { $case: "shutdown", value: { graceMs: Math.min(Math.ceil(graceMs), MAX_ID) } } });
  }

  /** Closes the connection. Active calls end with {@link settleActive}. */
  close(): Promise<LinkClosed> {
    return this.#transport.close().then(() => this.closed);
  }

  /** Records whether the worker is silent; called by the watch of its endpoint. */
  markSilent(isSilent: boolean): void {
    this.#isSilent = isSilent;
  }

  /** Aborts the connection. `error` becomes the cause in {@link closed}. */
  abort(error: SnakepitError): void {
    this.#transport.abort(error);
  }

  /**
   * Ends all active and later calls with the error that `errorOf` returns for their ID and tool: calls that the
   * worker had not started as `not-started`, the others as `lost`.
   *
   * @param exit how the worker ended.
   */
  settleActive(errorOf: (callId: string, tool: string) => SnakepitError, exit?: WorkerExit): void {
    if (this.#state.is === "settled") return;
    this.#state = { is: "settled", errorOf };
    for (const call of this.#calls.values()) this.#lose(call, errorOf, exit);
    this.#permits?.close();
  }

  /** See {@link FrameReceiver}. */
  frame(frame: Frame, buffers: readonly Uint8Array[]): void {
    const kind = frame.kind;
    switch (kind?.$case) {
      case "result":
        this.#onResult(kind.value, buffers);
        break;
      case "chunk":
        this.#onChunk(kind.value, buffers);
        break;
      case "callFailure":
        this.#onFailure(kind.value);
        break;
      case "heartbeat":
        this.#vitals = this.#reports.receiveHeartbeat(kind.value, this.#vitals);
        break;
      case "log":
        this.#reports.receiveLog(kind.value);
        break;
      case "request":
        this.#requests.open(kind.value, buffers, this.#calls.get(kind.value.callId));
        break;
      case "credit":
        this.#requests.grant(kind.value.id, kind.value.chunks);
        break;
      case "cancel":
        this.#requests.cancel(kind.value.id);
        break;
      case "stacks":
        this.#stackRequests.answered(kind.value);
        break;
      case "telemetry":
        this.#reports.receive(kind.value);
        break;
      default:
        throw this.#violation(`a frame that workers must not send: ${kind?.$case ?? "unknown"}`);
    }
  }

  /** See {@link CallControl}. */
  sendCancel(id: number, why: CancelReason): void {
    const reason = why === "deadline" ? WireCancelReason.DEADLINE : WireCancelReason.CANCELLED;
    this.#transport.send({ kind: { $case: "cancel", value: { id, reason } } });
  }

  /** See {@link CallControl}. */
  sendCredit(id: number, chunks: number): void {
    this.#transport.send({ kind: { $case: "credit", value: { id, chunks } } });
  }

  /** See {@link CallControl}. */
  takePermit(id: number): boolean {
    if (this.#permits?.take(id) !== true) {
      this.#notifyOfPermits();
      return false;
    }
    // The recall of this call is a notice, too.
    this.#permits.takeNotice();
    return true;
  }

  /** See {@link CallControl}. */
  forget(id: number): void {
    this.#calls.delete(id);
    this.#sendRecall([id]);
  }

  #onResult(result: Result, buffers: readonly Uint8Array[]): void {
    // The call is removed only after the check: it ends with its link otherwise.
    const { value } = result;
    if (value === undefined && this.#calls.get(result.id)?.streaming === false) {
      throw this.#violation(`a result without a value for call ${result.id}`);
    }
    const call = this.#take(result.id);
    const executionMs = millisecondsOf(result.executionUs);
    if (call.streaming || value === undefined) call.settle({ is: "end", executionMs });
    else call.settle(this.#outcome(call, value, buffers, executionMs));
  }

  #onChunk(chunk: Chunk, buffers: readonly Uint8Array[]): void {
    const call = this.#calls.get(chunk.id);
    if (call === undefined || chunk.value === undefined || !call.streaming || !call.takeCredit()) {
      throw this.#violation(`an unexpected chunk for call ${chunk.id}`);
    }
    let byteLength = chunk.value.body.byteLength;
    for (const buffer of buffers) byteLength += buffer.byteLength;
    const outcome = this.#outcome(call, chunk.value, buffers);
    if (outcome.is === "value") call.chunk(outcome.value, byteLength);
    else if (outcome.is === "failure") call.failWhenDone(outcome.error);
  }

  #onFailure({ id, failure, executionUs }: CallFailure): void {
    const call = this.#take(id);
    const error = errorOfFailure(failure, this.#context(call.correlationId));
    call.settle({ is: "failure", error, executionMs: millisecondsOf(executionUs) });
  }

  #outcome(call: ActiveCall, payload: Payload, buffers: readonly Uint8Array[], executionMs?: ExecutionMs): CallOutcome {
    try {
      return { is: "value", value: valueOfPayload(payload, buffers), executionMs };
    } catch (thrown) {
      const context = this.#context(call.correlationId);
      const error = toSnakepitError(thrown, "SERIALIZATION");
      const failure = new SnakepitError(error.code, error.message, { ...context, cause: error });
      return { is: "failure", error: failure, executionMs };
    }
  }

  /** Removes and returns the call that has an outcome. */
  #take(id: number): ActiveCall {
    const call = this.#calls.get(id);
    if (call === undefined) throw this.#violation(`an outcome for call ${id}, which is not active`);
    this.#calls.delete(id);
    return call;
  }

  #send(active: ActiveCall, ahead: boolean): ActiveCall {
    const { id, call } = active;
    this.#calls.set(id, active);
    if (this.#state.is === "settled") {
      const { errorOf } = this.#state;
      queueMicrotask(() => this.#lose(active, errorOf));
    } else {
      this.#transport.send({ kind: { $case: "call", value: wireCall(id, call, ahead) } }, call.args.buffers);
    }
    return active;
  }

  #lose(call: ActiveCall, errorOf: (callId: string, tool: string) => SnakepitError, exit?: WorkerExit): void {
    this.#calls.delete(call.id);
    call.lose(errorOf(call.correlationId, call.call.tool), exit);
  }

  get #awaited(): Awaited {
    if (this.#calls.size > 1 || this.#calls.streams > 0) return "more";
    return this.#calls.size === 1 ? "one answer" : "nothing";
  }

  #writePermits(): void {
    if (!this.#hasNewPermits) return;
    this.#hasNewPermits = false;
    try {
      this.#permits?.write();
      this.#notifyOfPermits();
    } catch (thrown) {
      // Without its permits, the worker would never start the calls.
      this.abort(toSnakepitError(thrown, "INTERNAL", "sending calls ahead failed"));
    }
  }

  #notifyOfPermits(): void {
    if (this.#permits?.takeNotice() === true) this.#sendRecall(NO_IDS);
  }

  #sendRecall(ids: readonly number[]): void {
    this.#transport.send({ kind: { $case: "recall", value: { ids: [...ids] } } });
  }

  #onClosed(closed: TransportClosed): LinkClosed {
    if (this.#state.is === "open") this.#state = { is: "closed" };
    // Otherwise they show which calls have started, see settleActive.
    if (this.#calls.size === 0) this.#permits?.close();
    this.#requests.dropAll();
    this.#stackRequests.workerEnded(this.pool, this.facts.workerId);
    this.#reports.close();
    switch (closed.is) {
      case "closed-here":
        return { requested: true };
      case "closed-by-peer":
        return { requested: false };
      case "aborted":
      case "failed":
        return { requested: false, cause: closed.error };
      default:
        return closed satisfies never;
    }
  }

  #context(callId: string) {
    return { pool: this.pool, workerId: this.facts.workerId, callId };
  }

  #violation(what: string): SnakepitError {
    return protocolViolation({ pool: this.pool, workerId: this.facts.workerId }, what);
  }
}
