import { SnakepitError } from "@snakepit/core";
import type { OperationContext } from "./operation.ts";

/**
 * The session that an operation is about.
 *
 * @throws SnakepitError `UNKNOWN_SESSION` when there is none.
 */
export function sessionOf({ sessionId }: OperationContext): string {
  if (sessionId !== undefined) return sessionId;
  throw new SnakepitError(
    "UNKNOWN_SESSION",
    "this belongs to a session, and the call has none; make the call in a session: (await pit.session(id)).execute(…)",
  );
}
