import { describeValue, isPlainObject, SnakepitError } from "@snakepit/core";
import type { SessionMetadata } from "@snakepit/sessions";
import type { CallOptions, PoolChoice } from "../calling/call-options.ts";

/**
 * Adds the session to the options of a call that is made through it.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when they name another session.
 */
export function inSession<Options extends CallOptions & PoolChoice>(id: string, options: Options | undefined): Options {
  if (options === undefined) return { sessionId: id } as Options;
  // Invalid options are rejected where the call is made.
  if (!isPlainObject(options)) return options;
  const { sessionId } = options;
  if (sessionId === undefined || sessionId === id) return { ...options, sessionId: id };
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `sessionId must be "${id}" in a call of session "${id}"; got ${JSON.stringify(sessionId)}; omit it, or make the call through the other session`,
    { details: { sessionId: id } },
  );
}

/** Returns the new metadata, from a copy of the present one. */
type MetadataChange = (metadata: SessionMetadata) => SessionMetadata | Promise<SessionMetadata>;

/**
 * Checks the function that a user passed to `update()`, and wraps it to check what it returns.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`, also as a rejection of the returned function.
 */
export function newMetadata(sessionId: string, change: MetadataChange): MetadataChange {
  const wrong = (problem: string) =>
    new SnakepitError(
      "INVALID_ARGUMENT",
      `session "${sessionId}": ${problem}; write for example update((metadata) => ({ ...metadata, turns: 3 }))`,
      { details: { sessionId } },
    );
  if (typeof change !== "function") {
    throw wrong(`the argument of update() must be a function of the present metadata; got ${describeValue(change)}`);
  }
  return async (present) => {
    const metadata = await change(present);
    if (typeof metadata === "object" && metadata !== null && !Array.isArray(metadata)) return metadata;
    throw wrong(`the function must return the new metadata; got ${describeValue(metadata)}`);
  };
}
