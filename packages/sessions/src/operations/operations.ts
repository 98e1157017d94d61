import {
  hasRequiredSession,
  OPERATIONS,
  type OperationAnswers,
  type OperationContext,
  type OperationContexts,
  type OperationExecutor,
  type OperationHandlers,
  type OperationName,
  readPayload,
  SnakepitError,
  type StreamHandlers,
  type StreamOperation,
  type ValueHandlers,
  type ValueOperation,
} from "@snakepit/core";
import type { SessionDirectory } from "../sessions/session-directory.ts";

/**
 * Executes operations: counts them as a use of their session, checks their payloads, and calls their handlers. Workers
 * and clients get their answers from here.
 */
export class Operations<Names extends OperationName = OperationName> implements OperationExecutor<Names> {
  readonly #values: ValueHandlers<Names>;
  readonly #streams: StreamHandlers<Names>;
  readonly #sessions: SessionDirectory;

  constructor(sessions: SessionDirectory, handlers: OperationHandlers<Names>) {
    this.#sessions = sessions;
    this.#values = handlers;
    this.#streams = handlers;
  }

  /**
   * Executes an operation that answers with one value.
   *
   * @param payload as it was sent; it is checked here.
   * @throws SnakepitError as a rejection: `UNKNOWN_SESSION`, `SESSION_EXPIRED`; `INVALID_ARGUMENT` that names operation and
   *   field; and what the handler throws.
   */
  async execute<Name extends Names & ValueOperation>(
    name: Name,
    payload: unknown,
    context: OperationContext,
  ): Promise<OperationAnswers[Name]> {
    const use = this.#use(name, context);
    if (use !== undefined) await use;
    const handle: ValueHandlers<Names>[Name] = this.#values[name];
    return await handle(readPayload(name, payload), inRequiredSession(name, context));
  }

  /**
   * Executes an operation that answers with a stream.
   *
   * @throws SnakepitError from the iterator, as {@link execute}.
   */
  async *stream<Name extends Names & StreamOperation>(
    name: Name,
    payload: unknown,
    context: OperationContext,
  ): AsyncIterable<OperationAnswers[Name]> {
    const use = this.#use(name, context);
    if (use !== undefined) await use;
    yield* this.#streams[name](readPayload(name, payload), inRequiredSession(name, context));
  }

  /** Usually there is nothing to wait for: a session in use is known to exist. */
  #use(name: OperationName, { sessionId, sessionGeneration }: OperationContext): Promise<void> | undefined {
    if (sessionId === undefined || !OPERATIONS[name].countsAsUse) return undefined;
    return this.#sessions.use(sessionId, sessionGeneration);
  }
}

/**
 * Returns the session of the caller.
 *
 * @throws SnakepitError `UNKNOWN_SESSION` when the caller has none.
 */
export function requireSession({ sessionId }: OperationContext): string {
  if (sessionId === undefined) throw noSession();
  return sessionId;
}

function inRequiredSession<Name extends OperationName>(name: Name, context: OperationContext): OperationContexts[Name] {
  if (!hasRequiredSession(name, context)) throw noSession();
  return context;
}

function noSession(): SnakepitError {
  return new SnakepitError(
    "UNKNOWN_SESSION",
    "this belongs to a session, and the call has none; make the call in a session: (await pit.session(id)).execute(…)",
  );
}
