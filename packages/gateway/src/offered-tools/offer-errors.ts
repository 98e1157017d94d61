import { SnakepitError } from "@snakepit/core";

/** Something in what a client has sent is against the rules; the stream ends with it. */
export function brokenRule(what: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", what);
}

/** The tools of a client are gone, and with them the answer to a call. */
export function offerEnded(tool: string, client: string, cause: SnakepitError | undefined): SnakepitError {
  const why = cause === undefined ? "left" : `was sent away: ${cause.message}`;
  return new SnakepitError(
    "WORKER_CRASHED",
    `host tool "${tool}" has no answer: the client that offered it ("${client}") ${why}; try again when it offers the tool once more`,
    { cause, details: { tool, client } },
  );
}

/** A call has come when the tools were being taken back. */
export function noLongerOffered(tool: string, client: string): SnakepitError {
  return new SnakepitError("UNKNOWN_TOOL", `host tool "${tool}" is not offered any more by "${client}"`, {
    details: { tool, client },
  });
}
