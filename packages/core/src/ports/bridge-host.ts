import type { OperationContext, OperationExecutor } from "../operations/operation-types.ts";
import type { WatchedHealth } from "./health.ts";
import type { ToolDescriptor } from "./worker-handle.ts";

/** The interface through which the gateway runs tools of workers. `Snakepit` implements it. */
export interface BridgeHost extends WatchedHealth {
  /** Identifies this run of the host. */
  readonly runId: string;
  /** Returns the tools of a pool; of the default pool when `pool` is omitted. */
  tools(pool?: string): readonly ToolDescriptor[];
  /** Runs a tool and resolves with its value. */
  execute(tool: string, args: Readonly<Record<string, unknown>>, options: ToolCallOptions): Promise<unknown>;
  /** Runs a streaming tool and yields its chunks. Leaving the loop early cancels the call. */
  stream(tool: string, args: Readonly<Record<string, unknown>>, options: ToolCallOptions): AsyncIterable<unknown>;
}

/** The options of a tool call of a client. */
export interface ToolCallOptions {
  readonly pool?: string | undefined;
  /** Time limit in milliseconds, queueing included. Default: the limit of the pool or tool. */
  readonly timeoutMs?: number | undefined;
  /** Aborts when the client cancels or disconnects. */
  readonly signal: AbortSignal;
  readonly sessionId?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** The W3C trace context of the client. */
  readonly traceparent?: string | undefined;
}

/**
 * The interface through which the gateway executes the operations of a host, which workers use too, and registers the
 * tools that clients execute.
 */
export interface HostOperations extends OperationExecutor {
  /**
   * Registers tools that a client executes as host tools, in the session of the context or in the global scope. When
   * one tool is invalid, none is registered.
   *
   * @param sessionEnded is called when the tools are removed because their session has ended.
   * @returns a function that removes those that are still registered.
   * @throws SnakepitError as a rejection: `INVALID_ARGUMENT` with every mistake, `QUOTA_EXCEEDED`, `UNKNOWN_SESSION`,
   *   `SESSION_EXPIRED`, `SHUTTING_DOWN`.
   */
  offerTools(tools: readonly OfferedTool[], context: OperationContext, sessionEnded: () => void): Promise<() => void>;
}

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
