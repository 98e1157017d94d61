import { encodeValue } from "@snakepit/bridge-proto";
import { type Duration, deadlineIn, durationMs, newCorrelationId, SnakepitError } from "@snakepit/core";
import type { PoolCall } from "@snakepit/pool";
import type { StreamOptions, ToolArguments } from "./call-options.ts";

const NO_ARGUMENTS: ToolArguments = {};
const NO_OPTIONS: StreamOptions = {};

/** What a pool's configuration says of its calls. */
export interface CallLimits {
  readonly pool: string;
  readonly maxPayloadBytes: number;
}

/**
 * Makes a call of what the user gave.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`, `SERIALIZATION`, `PAYLOAD_TOO_LARGE`.
 */
export function poolCall(
  tool: string,
  args: ToolArguments = NO_ARGUMENTS,
  options: StreamOptions = NO_OPTIONS,
  defaultTimeoutMs: number,
  limits: CallLimits,
): PoolCall {
  if (typeof tool !== "string" || tool === "") throw invalid(limits, `the tool's name is ${show(tool)}, not a text`);
  if (!isPlainObject(args)) {
    throw invalid(limits, `the arguments of tool "${tool}" are ${show(args)}, not an object; name them: { value: … }`);
  }
  const { timeoutMs, queueTimeoutMs, idleTimeoutMs, metadata } = options;
  if (metadata !== undefined) checkMetadata(metadata, limits);
  return {
    tool,
    args: encodeValue(args, { root: "args", maxBytes: limits.maxPayloadBytes }),
    deadline: deadlineIn(timeoutMs === undefined ? defaultTimeoutMs : milliseconds("timeoutMs", timeoutMs, limits)),
    queueTimeoutMs: queueTimeoutMs === undefined ? undefined : milliseconds("queueTimeoutMs", queueTimeoutMs, limits),
    idleTimeoutMs: idleTimeoutMs === undefined ? undefined : milliseconds("idleTimeoutMs", idleTimeoutMs, limits),
    signal: options.signal,
    correlationId: newCorrelationId(),
    sessionId: options.sessionId,
    metadata,
  };
}

function milliseconds(name: string, duration: Duration, limits: CallLimits): number {
  const ms = durationMs(duration);
  if (ms === undefined || ms === 0) {
    throw invalid(limits, `${name} is ${show(duration)}, not a duration; write milliseconds or a text such as "30s"`);
  }
  return ms;
}

function checkMetadata(metadata: Readonly<Record<string, unknown>>, limits: CallLimits): void {
  for (const name in metadata) {
    const value = metadata[name];
    if (typeof value !== "string") throw invalid(limits, `metadata.${name} is ${show(value)}, not a text`);
  }
}

function invalid({ pool }: CallLimits, message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message, { pool });
}

/** Whether a value is an object as `{}` makes it, of this realm or another. */
function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "isPrototypeOf");
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || typeof value !== "object") return String(value);
  return Array.isArray(value) ? "a list" : `an object of ${value.constructor?.name ?? "an unknown class"}`;
}
