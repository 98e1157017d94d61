import { SnakepitError } from "@snakepit/core";

/** The session of a call was over before the call had a worker. */
export function endedWhileWaiting(sessionId: string): SnakepitError {
  return new SnakepitError(
    "UNKNOWN_SESSION",
    `session "${sessionId}" ended while the call waited for a worker; close sessions when their calls are done, and give them a ttlMs that is longer than calls wait`,
    { details: { sessionId } },
  );
}
