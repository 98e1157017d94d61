/** A tool that a client executes, as the host registers it among its host tools. */
export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  /** A JSON Schema of the arguments; `undefined` to accept any. */
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Whether it yields chunks. */
  readonly streaming: boolean;
  /**
   * Has the client execute the tool. Returns a promise of its value or, for a streaming tool, an iterator of its chunks.
   *
   * @throws SnakepitError also as a rejection: the failure that the client sends; `WORKER_CRASHED` when it disconnects;
   *   `SERIALIZATION`, `PAYLOAD_TOO_LARGE` for arguments that its format cannot represent.
   */
  run(args: Readonly<Record<string, unknown>>, context: OfferedToolContext): unknown;
}

/** What the client learns about the call of its tool. */
export interface OfferedToolContext {
  readonly sessionId: string | undefined;
  readonly correlationId: string;
  /** Milliseconds to the deadline of the caller; `Infinity` without one. */
  readonly remainingMs: number;
  /** Aborts when the caller has cancelled or its deadline has passed. */
  readonly signal: AbortSignal;
}
