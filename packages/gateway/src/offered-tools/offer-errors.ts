import { SnakepitError } from "@snakepit/core";

/** Returns the error of a message that violates the protocol of `OfferTools`. The stream ends with it. */
export function protocolError(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message);
}

/**
 * Returns the error of a call that was active when the offer of its tool ended.
 *
 * @param cause why the host ended the offer; `undefined` when the client ended it.
 */
export function offerEnded(tool: string, client: string, cause: SnakepitError | undefined): SnakepitError {
  const reason = cause === undefined ? "disconnected" : `was disconnected: ${cause.message}`;
  return new SnakepitError(
    "WORKER_CRASHED",
    `host tool "${tool}" failed: client "${client}", which offered it, ${reason}; try again when the client offers the tool again`,
    { cause, details: { tool, client } },
  );
}

/** Returns the error of a call that arrives while its tool is being removed. */
export function noLongerOffered(tool: string, client: string): SnakepitError {
  return new SnakepitError("UNKNOWN_TOOL", `host tool "${tool}" is no longer offered by "${client}"`, {
    details: { tool, client },
  });
}

/** Returns the error of offers that end because the host closes. */
export function hostClosing(): SnakepitError {
  return new SnakepitError("SHUTTING_DOWN", "the host is closing");
}
