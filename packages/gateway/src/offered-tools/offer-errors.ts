import { SnakepitError } from "@snakepit/core";

/** Returns the error of a message that violates the protocol of offers; the stream ends with it. */
export function protocolError(what: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", what);
}

/**
 * Returns the error of a call that was active when the offer of its tool ended.
 *
 * @param cause why the host ended the offer; absent when the client did.
 */
export function offerEnded(tool: string, client: string, cause: SnakepitError | undefined): SnakepitError {
  const why = cause === undefined ? "disconnected" : `was disconnected: ${cause.message}`;
  return new SnakepitError(
    "WORKER_CRASHED",
    `host tool "${tool}" has no answer: the client that offered it ("${client}") ${why}; try again when it offers the tool again`,
    { cause, details: { tool, client } },
  );
}

/** Returns the error of a call that arrives while its tool is being removed. */
export function noLongerOffered(tool: string, client: string): SnakepitError {
  return new SnakepitError("UNKNOWN_TOOL", `host tool "${tool}" is no longer offered by "${client}"`, {
    details: { tool, client },
  });
}
