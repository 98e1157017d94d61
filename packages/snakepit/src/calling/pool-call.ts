import { encodeValue } from "@snakepit/bridge-proto/values";
import {
  type Duration,
  deadlineIn,
  describeValue,
  durationMs,
  durationProblem,
  type EncodedValue,
  isPlainObject,
  nearestName,
  newCorrelationId,
  readTraceparent,
  SnakepitError,
  signalProblem,
  type ToolDescriptor,
  toSnakepitError,
} from "@snakepit/core";
import type { Affinity, PoolCall } from "@snakepit/pool";
import type { HostToolRegistry } from "@snakepit/sessions";
import { type CallScope, checkSessionId, currentCallScope } from "@snakepit/sessions/calls";
import { notArguments, notAToolName, notCallOptions } from "./call-mistakes.ts";
import type { CallOptions, PoolChoice, StreamOptions, ToolArguments } from "./call-options.ts";

const NO_ARGUMENTS: ToolArguments = {};
const NO_OPTIONS: AnyCallOptions = {};

/** The options of `execute` and of `stream`. */
export type AnyCallOptions = CallOptions & StreamOptions & PoolChoice;

/** Every option of `execute` and `stream`. */
const OPTIONS: ReadonlySet<string> = new Set<keyof AnyCallOptions>([
  "timeoutMs",
  "queueTimeoutMs",
  "idleTimeoutMs",
  "signal",
  "sessionId",
  "affinity",
  "idempotent",
  "fallback",
  "metadata",
  "traceparent",
  "pool",
]);

/** Every value of the option `affinity`. */
const AFFINITIES: readonly unknown[] = ["hint", "strict-queue", "strict-fail"] satisfies Affinity[];

/** Largest number of characters in the names and values of a call's metadata; far below the limit of a record. */
const MAX_METADATA = 65_536;

/** Settings that all calls of a pool share. */
export interface CallLimits {
  readonly pool: string;
  readonly maxPayloadBytes: number;
  /** Returns the current tools of the pool, for messages. */
  readonly tools: () => readonly ToolDescriptor[];
  /** The host tools of the pool's host. */
  readonly hostTools: HostToolRegistry;
}

/**
 * Checks the arguments of `execute()` or `stream()` and returns the call.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`, `SERIALIZATION`, `PAYLOAD_TOO_LARGE`.
 */
export function poolCall(
  tool: string,
  args: ToolArguments = NO_ARGUMENTS,
  options: AnyCallOptions = NO_OPTIONS,
  defaultTimeoutMs: number,
  limits: CallLimits,
): PoolCall {
  if (typeof tool !== "string" || tool === "") throw invalid(limits, notAToolName(tool, limits.tools()));
  if (!isPlainObject(args)) {
    throw invalid(limits, notArguments(tool, args, options === NO_OPTIONS ? undefined : options, limits.tools()));
  }
  if (options !== NO_OPTIONS) checkNames(options, limits);
  const {
    timeoutMs,
    queueTimeoutMs,
    idleTimeoutMs,
    signal,
    sessionId,
    affinity,
    idempotent,
    metadata,
    traceparent,
    pool,
  } = options;
  if (pool !== undefined && pool !== limits.pool) throw otherPool(pool, limits);
  if (signal !== undefined) checkSignal(signal, limits);
  if (idempotent !== undefined && typeof idempotent !== "boolean") {
    throw invalid(limits, `idempotent must be true or false; got ${describeValue(idempotent)}`);
  }
  if (sessionId !== undefined) checkSessionId(sessionId);
  if (traceparent !== undefined && readTraceparent(traceparent) === undefined)
    throw notATraceparent(traceparent, limits);
  const given = {
    tool,
    args: encodeArguments(tool, args, limits),
    deadline: deadlineIn(timeoutMs === undefined ? defaultTimeoutMs : milliseconds("timeoutMs", timeoutMs, limits)),
    queueTimeoutMs: queueTimeoutMs === undefined ? undefined : milliseconds("queueTimeoutMs", queueTimeoutMs, limits),
    idleTimeoutMs: idleTimeoutMs === undefined ? undefined : milliseconds("idleTimeoutMs", idleTimeoutMs, limits),
    signal,
    correlationId: newCorrelationId(),
    sessionId,
    affinity,
    metadata: metadata === undefined ? undefined : checkedMetadata(metadata, limits),
    traceparent,
  };
  const call = withInheritance(given, limits.hostTools);
  if (affinity !== undefined) checkAffinity(affinity, call, limits);
  return call;
}

/**
 * Returns a call with the properties that it inherits when a host tool makes it. The nested call ends no later than the
 * call that runs the host tool, is cancelled with it, and belongs to the same generation of its session unless it names
 * another session. An inherited session has the affinity `hint` by default, because its worker is busy with the outer
 * call. A call to another host of this process does not inherit the session, which that host does not know.
 *
 * @param hostTools the registry of the host that executes the call.
 */
function withInheritance(call: PoolCall, hostTools: HostToolRegistry): PoolCall {
  const scope = currentCallScope();
  if (scope === undefined) return call;
  const nested = inherit(call, scope);
  if (scope.host !== hostTools) return nested;
  const affinity = call.affinity ?? "hint";
  if (call.sessionId !== undefined) return { ...nested, affinity };
  return { ...nested, affinity, sessionId: scope.sessionId, sessionGeneration: scope.sessionGeneration };
}

function inherit(call: PoolCall, { lineage, deadline, signal, traceparent }: CallScope): PoolCall {
  return {
    ...call,
    parent: lineage,
    traceparent: call.traceparent ?? traceparent,
    deadline: Math.min(call.deadline, deadline),
    signal: call.signal === undefined ? signal : AbortSignal.any([call.signal, signal]),
  };
}

function encodeArguments(tool: string, args: ToolArguments, { pool, maxPayloadBytes }: CallLimits): EncodedValue {
  try {
    return encodeValue(args, { root: "args", maxBytes: maxPayloadBytes });
  } catch (thrown) {
    const { code, message, details, cause } = toSnakepitError(thrown);
    throw new SnakepitError(code, `${tool}(): ${message}`, { details, cause, pool });
  }
}

/**
 * Returns the call of one item of a batch. It waits for a worker without limit unless `queueTimeoutMs` is set;
 * `timeoutMs` starts when a worker receives the call.
 *
 * @throws SnakepitError as {@link poolCall}.
 */
export function batchCall(
  tool: string,
  args: ToolArguments,
  options: CallOptions,
  executeTimeoutMs: number,
  limits: CallLimits,
): PoolCall {
  const { timeoutMs, queueTimeoutMs = Number.POSITIVE_INFINITY, ...others } = options;
  const executionMs = timeoutMs === undefined ? executeTimeoutMs : milliseconds("timeoutMs", timeoutMs, limits);
  const call = poolCall(tool, args, { ...others, queueTimeoutMs }, Number.POSITIVE_INFINITY, limits);
  return { ...call, batch: { executionMs } };
}

/**
 * Checks that the options of `stream()` contain none that only other calls have.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkStreamOptions({ idempotent, fallback }: CallOptions, limits: CallLimits): void {
  if (idempotent !== undefined) {
    throw invalid(limits, "idempotent is not an option of stream(); streams are never repeated, so omit it");
  }
  if (fallback !== undefined) {
    throw invalid(limits, "fallback is not an option of stream(); catch the error of the loop instead");
  }
}

/** Rejects unknown names: a misspelled option would otherwise be ignored without an error. */
function checkNames(options: object, limits: CallLimits): void {
  if (!isPlainObject(options)) throw invalid(limits, notCallOptions(options));
  for (const name in options) {
    if (OPTIONS.has(name)) continue;
    const known = [...OPTIONS];
    const nearest = nearestName(name, known);
    const remedy = nearest === undefined ? `the options are ${known.join(", ")}` : `did you mean ${nearest}?`;
    throw invalid(limits, `${name} is not an option of a call; ${remedy}`);
  }
}

function milliseconds(name: string, duration: Duration, limits: CallLimits): number {
  const ms = durationMs(duration);
  if (ms === undefined || ms === 0) {
    throw invalid(limits, durationProblem(name, duration, "more"));
  }
  return ms;
}

function otherPool(pool: string, limits: CallLimits): SnakepitError {
  const remedy = "omit it, or make the call through the host or the other pool";
  return invalid(
    limits,
    `pool must be "${limits.pool}" in a call of pool "${limits.pool}"; got ${describeValue(pool)}; ${remedy}`,
  );
}

function notATraceparent(traceparent: unknown, limits: CallLimits): SnakepitError {
  const example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  return invalid(
    limits,
    `traceparent must be a W3C trace context such as "${example}"; got ${describeValue(traceparent)}`,
  );
}

function checkSignal(signal: AbortSignal, limits: CallLimits): void {
  const problem = signalProblem(signal);
  if (problem !== undefined) throw invalid(limits, problem);
}

/** A strict affinity without a session is a mistake: there is no worker to choose. */
function checkAffinity(affinity: Affinity, { sessionId }: PoolCall, limits: CallLimits): void {
  if (!AFFINITIES.includes(affinity)) {
    throw invalid(limits, `affinity must be one of ${AFFINITIES.join(", ")}; got ${describeValue(affinity)}`);
  }
  if (affinity === "hint" || sessionId !== undefined) return;
  throw invalid(
    limits,
    `affinity must be "hint" in a call without a session; got "${affinity}"; make the call with session.execute() or session.stream(), or pass sessionId`,
  );
}

/** Returns a copy, since the caller may change the original before it is sent. */
function checkedMetadata(metadata: Readonly<Record<string, unknown>>, limits: CallLimits): Record<string, string> {
  if (!isPlainObject(metadata))
    throw invalid(limits, `metadata must be an object of strings; got ${describeValue(metadata)}`);
  const copy: [string, string][] = [];
  let characters = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== "string")
      throw invalid(limits, `metadata.${name} must be a string; got ${describeValue(value)}`);
    characters += name.length + value.length;
    copy.push([name, value]);
  }
  if (characters > MAX_METADATA) {
    throw invalid(
      limits,
      `metadata must have at most ${MAX_METADATA} characters; got ${characters}; pass larger values as an argument`,
    );
  }
  return Object.fromEntries(copy);
}

function invalid({ pool }: CallLimits, message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message, { pool });
}
