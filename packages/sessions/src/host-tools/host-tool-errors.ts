import { describeValue, hostExceptionOf, nearestName, SnakepitError } from "@snakepit/core";

/** The number of names that a message lists; of the rest, it states the count. */
const LISTED_NAMES = 20;

export function unknownHostTool(tool: string, names: readonly string[]): SnakepitError {
  const nearest = nearestName(tool, names);
  const listed = [...names].sort().slice(0, LISTED_NAMES);
  const more = names.length - listed.length;
  const list = `${listed.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return new SnakepitError(
    "UNKNOWN_TOOL",
    `this host has no tool "${tool}"${nearest === undefined ? ";" : `; did you mean "${nearest}"?`} available tools: ${list || "none"}`,
    { details: { tool, available: [...names] } },
  );
}

export function wrongMethod(tool: string, streaming: boolean): SnakepitError {
  const [kind, method] = streaming ? ["yields chunks", "stream"] : ["returns one value", "call"];
  return new SnakepitError("INVALID_ARGUMENT", `host tool "${tool}" ${kind}; use ${method}()`, {
    details: { tool, streaming },
  });
}

export function cancelled(tool: string, cause: unknown): SnakepitError {
  return new SnakepitError(
    "CANCELLED",
    `host tool "${tool}" was cancelled: its caller stopped waiting for the answer`,
    {
      cause,
      details: { tool },
    },
  );
}

export function deadlineExceeded(tool: string): SnakepitError {
  return new SnakepitError(
    "DEADLINE_EXCEEDED",
    `host tool "${tool}" exceeded the deadline of the requesting call; increase the timeoutMs of that call, or do less work per call`,
    { details: { tool } },
  );
}

export function notIterable(tool: string): SnakepitError {
  return new SnakepitError(
    "HOST_TOOL_EXCEPTION",
    `the result of streaming host tool "${tool}" must be iterable; return a generator or an iterable`,
    { details: { tool } },
  );
}

/**
 * Returns the error that the caller of a tool receives for a thrown value: a `SnakepitError` unchanged, any other value
 * as `HOST_TOOL_EXCEPTION`.
 */
export function failureOf(tool: string, thrown: unknown): SnakepitError {
  if (thrown instanceof SnakepitError) return thrown;
  const hostException = hostExceptionOf(thrown);
  if (hostException === undefined) {
    const what = typeof thrown === "string" ? thrown : describeValue(thrown);
    const options = { cause: thrown, details: { tool } };
    return new SnakepitError("HOST_TOOL_EXCEPTION", `host tool "${tool}" threw ${what}`, options);
  }
  const { name, message } = hostException;
  const { code } = thrown as { code?: unknown };
  return new SnakepitError("HOST_TOOL_EXCEPTION", `host tool "${tool}" threw ${name}: ${message}`, {
    cause: thrown,
    details: { tool, name, ...(typeof code === "string" && { code }) },
    hostException,
  });
}
