import { isPlainObject, SnakepitError } from "@snakepit/core";
import type { CallOptions, PoolChoice } from "../calling/call-options.ts";

/**
 * The options of a call that is made through a session: those that were given, and the session.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when they name another session.
 */
export function inSession<Options extends CallOptions & PoolChoice>(id: string, options: Options | undefined): Options {
  if (options === undefined) return { sessionId: id } as Options;
  // Whoever makes calls refuses what are no options.
  if (!isPlainObject(options)) return options;
  const { sessionId } = options;
  if (sessionId === undefined || sessionId === id) return { ...options, sessionId: id };
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `sessionId is ${JSON.stringify(sessionId)}, and a call of session "${id}" is made in that session; leave sessionId out, or make the call with the other session`,
    { details: { sessionId: id } },
  );
}
