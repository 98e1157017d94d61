import type { CallInfo, CallTrace, EventName, Instrumentation, SnakepitError, SnakepitEvents } from "@snakepit/core";
import type { CallLists, CallRecord, ErrorGroup, PythonSpan } from "../contract/calls.ts";
import type { Overview, TrafficHistory } from "../contract/live.ts";
import { ErrorGroups } from "./error-groups.ts";
import { bucketOf } from "./latency-histogram.ts";
import { RecentCalls } from "./recent-calls.ts";
import { type CallSink, RecordedCall } from "./recorded-call.ts";
import { HostTraffic } from "./traffic.ts";

/** The name under which calls of unknown tools are counted. */
const UNKNOWN_TOOLS = "(unknown tools)";

/** Active calls whose spans are kept, and spans of one call. */
const MOST_CALLS_WITH_SPANS = 1_000;
const MOST_SPANS = 200;

/**
 * Records the calls and errors of a host for its dashboard. The host attaches it while a dashboard is open. All calls
 * and errors are counted; if a tool is called more often than 400 times per second, a random part of its calls is
 * recorded with their times. The memory is bounded: numbers of calls by duration, and a limited number of calls and
 * groups of errors.
 */
export class CallRecorder implements Instrumentation, CallSink {
  readonly samplesSpans = true;
  readonly #errors = new ErrorGroups();
  readonly #traffic = new HostTraffic((error, pool, tool) => {
    this.#errors.add(error, { pool, tool, correlationId: error.callId, workerId: error.workerId });
  });
  readonly #calls = new RecentCalls();
  /** The spans of active calls, by correlation ID. */
  readonly #spans = new Map<string, PythonSpan[]>();

  startCall(call: CallInfo): CallTrace {
    // The first call of a name is recorded: only its end shows whether there is such a tool.
    const tool = this.#traffic.knownTool(call.pool, call.tool);
    return tool === undefined || tool.isRecorded() ? new RecordedCall(call, this) : tool;
  }

  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    if (name !== "worker.start-failed" && name !== "worker.unhealthy") return;
    const { pool, workerId, error } = event as SnakepitEvents["worker.start-failed" | "worker.unhealthy"];
    this.#errors.add(error, { pool, workerId });
  }

  /**
   * Adds a span of Python code to an active call. Spans of calls that have ended are ignored.
   *
   * @param correlationId that of the call.
   */
  addSpan(correlationId: string, span: PythonSpan): void {
    const spans = this.#spans.get(correlationId) ?? [];
    if (spans.length < MOST_SPANS) spans.push(span);
    this.#spans.set(correlationId, spans);
    // A call that was active when the recorder was detached never ends for it.
    if (this.#spans.size > MOST_CALLS_WITH_SPANS) this.#spans.delete(this.#spans.keys().next().value ?? "");
  }

  /** Adds a recorded call that has ended. */
  record(call: RecordedCall, error: SnakepitError | undefined): void {
    const { pool, correlationId } = call;
    // Clients choose these names, and could fill every list with them.
    const tool = error?.code === "UNKNOWN_TOOL" ? UNKNOWN_TOOLS : call.tool;
    const traffic = this.#traffic.tool(pool, tool);
    if (error !== undefined)
      call.error = this.#errors.add(error, { pool, tool, correlationId, workerId: call.workerId });
    if (this.#spans.size > 0) this.#takeSpans(call);
    traffic.count(error);
    traffic.addDuration(bucketOf(call.durationMs));
    this.#calls.add(call);
  }

  /** Ends a second of the history. Called once per second. */
  tick(): void {
    this.#traffic.tick();
    this.#calls.expire();
  }

  overview(): Omit<Overview, "inspection"> {
    const traffic = this.#traffic;
    return {
      traffic: traffic.total(),
      pools: traffic.byPool(),
      tools: traffic.tools(),
      errors: this.#errors.totals,
    };
  }

  /** Returns the seconds of one pool, or of all pools together. */
  history(pool?: string): TrafficHistory {
    return this.#traffic.history(pool);
  }

  calls(): CallLists {
    return this.#calls.lists();
  }

  /** Returns a call by its correlation ID; `undefined` if it is not kept. */
  call(correlationId: string): CallRecord | undefined {
    return this.#calls.find(correlationId);
  }

  /** Returns the groups of errors, that of the last error first. */
  errors(): readonly ErrorGroup[] {
    return this.#errors.list();
  }

  #takeSpans(call: RecordedCall): void {
    const { correlationId } = call;
    const spans = this.#spans.get(correlationId);
    if (spans === undefined) return;
    this.#spans.delete(correlationId);
    call.spans = spans.sort((a, b) => a.startedAt - b.startedAt || b.durationMs - a.durationMs);
  }
}
