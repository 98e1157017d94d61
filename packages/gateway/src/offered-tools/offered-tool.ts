/** A tool that a client executes itself, as a host registers it among its own functions. */
export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  /** A JSON Schema of the arguments; `undefined` when anything is taken. */
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Whether it yields chunks. */
  readonly streaming: boolean;
  /**
   * Has the client execute it. Gives a promise of its value or, when it is streaming, an iterator of its chunks.
   *
   * @throws SnakepitError also as a rejection: what the client fails with; `WORKER_CRASHED` when the client leaves;
   *   `SERIALIZATION`, `PAYLOAD_TOO_LARGE` for arguments that the client's format cannot hold.
   */
  run(args: Readonly<Record<string, unknown>>, context: OfferedToolContext): unknown;
}

/** What is told to the client of the call that asks for its tool. */
export interface OfferedToolContext {
  readonly sessionId: string | undefined;
  readonly correlationId: string;
  /** Milliseconds until nobody waits any more; `Infinity` for no end. */
  readonly remainingMs: number;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}
