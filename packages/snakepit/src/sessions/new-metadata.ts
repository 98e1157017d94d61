import { describeValue, SnakepitError } from "@snakepit/core";
import type { SessionMetadata } from "@snakepit/sessions";

/** Gives the metadata that is to be there, from a copy of what is there. */
type MetadataChange = (metadata: SessionMetadata) => SessionMetadata | Promise<SessionMetadata>;

/**
 * What a user wants to make of a session's metadata; says what is wrong when it is no function, or returns no metadata.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`, also as a rejection of the function that is given back.
 */
export function newMetadata(sessionId: string, change: MetadataChange): MetadataChange {
  const wrong = (problem: string) =>
    new SnakepitError(
      "INVALID_ARGUMENT",
      `session "${sessionId}": ${problem}; write for example update((metadata) => ({ ...metadata, turns: 3 }))`,
      { details: { sessionId } },
    );
  if (typeof change !== "function") {
    throw wrong(`update() takes a function of the present metadata, not ${describeValue(change)}`);
  }
  return async (present) => {
    const metadata = await change(present);
    if (typeof metadata === "object" && metadata !== null && !Array.isArray(metadata)) return metadata;
    throw wrong(`the function returned ${describeValue(metadata)}, and not the metadata that is to be there`);
  };
}
