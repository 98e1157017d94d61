/** A tool that a client executes. The host registers it as a host tool. */
export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  /** A JSON Schema of the arguments; `undefined` to accept any. */
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Whether the tool yields chunks. */
  readonly streaming: boolean;
  /**
   * Sends a call to the client. Returns a promise of its value or, for a streaming tool, an iterator of its chunks.
   *
   * @throws SnakepitError also as a rejection: the failure that the client sends; `WORKER_CRASHED` when it disconnects;
   *   `SERIALIZATION`, `PAYLOAD_TOO_LARGE` for arguments that its format cannot represent.
   */
  run(args: Readonly<Record<string, unknown>>, context: OfferedToolContext): unknown;
}

/** The context of a call, which the client receives. */
export interface OfferedToolContext {
  readonly sessionId: string | undefined;
  readonly correlationId: string;
  /** Milliseconds to the deadline of the call; `Infinity` without a deadline. */
  readonly remainingMs: number;
  /** Aborts when the caller cancels or the deadline passes. */
  readonly signal: AbortSignal;
}
