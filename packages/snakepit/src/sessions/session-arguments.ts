import { describeValue, isPlainObject, isPromiseLike, SnakepitError } from "@snakepit/core";
import type { SessionMetadata } from "@snakepit/sessions";
import type { CallOptions, PoolChoice } from "../calling/call-options.ts";

/**
 * Adds the session to the options of one of its calls.
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

/** Returns the new metadata; receives a copy of the current metadata. */
type MetadataChange = (metadata: SessionMetadata) => SessionMetadata | PromiseLike<SessionMetadata>;

/**
 * Checks the function that was passed to `update()`, and returns one that also checks the return value.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`; the returned function rejects with it.
 */
export function newMetadata(sessionId: string, change: MetadataChange): MetadataChange {
  const wrong = (problem: string) =>
    new SnakepitError(
      "INVALID_ARGUMENT",
      `session "${sessionId}": ${problem}; write for example update((metadata) => ({ ...metadata, turns: 3 }))`,
      { details: { sessionId } },
    );
  if (typeof change !== "function") {
    throw wrong(`the argument of update() must be a function of the current metadata; got ${describeValue(change)}`);
  }
  const checked = (metadata: SessionMetadata) => {
    if (typeof metadata === "object" && metadata !== null && !Array.isArray(metadata)) return metadata;
    throw wrong(`the function must return the new metadata; got ${describeValue(metadata)}`);
  };
  return (current) => {
    const metadata = change(current);
    return isPromiseLike(metadata) ? metadata.then(checked) : checked(metadata);
  };
}
