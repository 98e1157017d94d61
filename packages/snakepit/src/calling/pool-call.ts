import { encodeValue } from "@snakepit/bridge-proto";
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
  SnakepitError,
  signalProblem,
  type ToolDescriptor,
  toSnakepitError,
} from "@snakepit/core";
import type { Affinity, PoolCall } from "@snakepit/pool";
import type { HostToolRegistry } from "@snakepit/sessions";
import { checkSessionId } from "@snakepit/sessions/calls";
import { withInheritance } from "./call-context.ts";
import { notArguments, notAToolName, notCallOptions } from "./call-mistakes.ts";
import type { CallOptions, PoolChoice, StreamOptions, ToolArguments } from "./call-options.ts";

const NO_ARGUMENTS: ToolArguments = {};
const NO_OPTIONS: StreamOptions = {};

/** Every option of `execute` and `stream`. */
const OPTIONS: ReadonlySet<string> = new Set<keyof (StreamOptions & PoolChoice)>([
  "timeoutMs",
  "queueTimeoutMs",
  "idleTimeoutMs",
  "signal",
  "sessionId",
  "affinity",
  "metadata",
  "pool",
]);

/** The ways in which a call may keep to the worker of its session. */
const AFFINITIES: readonly unknown[] = ["hint", "strict-queue", "strict-fail"] satisfies Affinity[];

/** Characters of a call's metadata, names and values together; far below what a record may have beside its payload. */
const MAX_METADATA = 65_536;

/** What is the same for all calls of a pool. */
export interface CallLimits {
  readonly pool: string;
  readonly maxPayloadBytes: number;
  /** The tools that the pool offers now, for messages. */
  readonly tools: () => readonly ToolDescriptor[];
  /** The functions of the pool's host. */
  readonly hostTools: HostToolRegistry;
}

/**
 * Makes a call of what the user gave.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`, `SERIALIZATION`, `PAYLOAD_TOO_LARGE`.
 */
export function poolCall(
  tool: string,
  args: ToolArguments = NO_ARGUMENTS,
  options: StreamOptions & PoolChoice = NO_OPTIONS,
  defaultTimeoutMs: number,
  limits: CallLimits,
): PoolCall {
  if (typeof tool !== "string" || tool === "") throw invalid(limits, notAToolName(tool, limits.tools()));
  if (!isPlainObject(args)) {
    throw invalid(limits, notArguments(tool, args, options === NO_OPTIONS ? undefined : options, limits.tools()));
  }
  if (options !== NO_OPTIONS) checkNames(options, limits);
  const { timeoutMs, queueTimeoutMs, idleTimeoutMs, signal, sessionId, affinity, metadata, pool } = options;
  if (pool !== undefined && pool !== limits.pool) throw otherPool(pool, limits);
  if (signal !== undefined) checkSignal(signal, limits);
  if (sessionId !== undefined) checkSessionId(sessionId);
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
  };
  const call = withInheritance(given, limits.hostTools);
  if (affinity !== undefined) checkAffinity(affinity, call, limits);
  return call;
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
 * The call of one item of a batch: it waits for room, however long unless the options say so, and has `timeoutMs` once a
 * worker has it.
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

/** A name that is misspelt would do nothing, and nobody would know. */
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
  const remedy = "leave it out, or make the call with the host or the other pool";
  return invalid(
    limits,
    `pool is ${describeValue(pool)}, and a call of pool "${limits.pool}" is made in that pool; ${remedy}`,
  );
}

function checkSignal(signal: AbortSignal, limits: CallLimits): void {
  const problem = signalProblem(signal);
  if (problem !== undefined) throw invalid(limits, problem);
}

/** Without a session there is no worker to keep to, and whoever asks for one has lost the session on the way. */
function checkAffinity(affinity: Affinity, { sessionId }: PoolCall, limits: CallLimits): void {
  if (!AFFINITIES.includes(affinity)) {
    throw invalid(limits, `affinity is ${describeValue(affinity)}; the affinities are ${AFFINITIES.join(", ")}`);
  }
  if (affinity === "hint" || sessionId !== undefined) return;
  throw invalid(
    limits,
    `affinity is "${affinity}", and the call is made in no session whose worker it could keep to; make it with session.execute() or session.stream(), or give the sessionId`,
  );
}

/** A copy: what the caller does to the original afterwards is not sent. */
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
      `metadata has ${characters} characters and may have ${MAX_METADATA}; send more as an argument`,
    );
  }
  return Object.fromEntries(copy);
}

function invalid({ pool }: CallLimits, message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message, { pool });
}
