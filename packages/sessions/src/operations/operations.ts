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
 * Executes the operations of workers and clients: counts them as a use of their session, validates their payloads, and calls
 * their handlers.
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
   * Executes an operation that returns one value.
   *
   * @param payload the received payload, which is validated here.
   * @throws SnakepitError as a rejection: `UNKNOWN_SESSION`, `SESSION_EXPIRED`; `INVALID_ARGUMENT` that names the operation and
   *   the field; and errors of the handler.
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
   * Executes an operation that returns a stream.
   *
   * @throws SnakepitError from the iterator; see {@link execute}.
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

  /** Returns a promise only if the store must be read, which is rare: a session in use is known to exist. */
  #use(name: OperationName, { sessionId, sessionGeneration }: OperationContext): Promise<void> | undefined {
    if (sessionId === undefined || !OPERATIONS[name].countsAsUse) return undefined;
    return this.#sessions.use(sessionId, sessionGeneration);
  }
}

/**
 * Returns the session of the caller.
 *
 * @throws SnakepitError `UNKNOWN_SESSION` if the caller has none.
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
    "the operation requires a session; make the call in a session: (await pit.session(id)).execute(…)",
  );
}
