import type { Deadline, ToolDescriptor } from "@snakepit/core";
import type { OfferedTool } from "../offered-tools/offered-tool.ts";

/** What the service for outside clients needs of a host to run tools; `Snakepit` is one. */
export interface BridgeHost {
  /** Names this life of the host. */
  readonly runId: string;
  /** The tools of a pool, by default of the one that bare calls use. */
  tools(pool?: string): readonly ToolDescriptor[];
  /** Runs a tool and gives its value. */
  execute(tool: string, args: Readonly<Record<string, unknown>>, options: ToolCallOptions): Promise<unknown>;
  /** Runs a streaming tool and gives its chunks; leaving the loop early cancels the call. */
  stream(tool: string, args: Readonly<Record<string, unknown>>, options: ToolCallOptions): AsyncIterable<unknown>;
  /** Resolves when each pool has all its workers. */
  ready(options: { readonly signal: AbortSignal }): Promise<void>;
}

/** Options of a call from outside. */
export interface ToolCallOptions {
  readonly pool?: string | undefined;
  /** Milliseconds from the call to its answer; absent, the host's own limit holds. */
  readonly timeoutMs?: number | undefined;
  /** Aborts when the client cancels or goes away. */
  readonly signal: AbortSignal;
  readonly sessionId?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/**
 * What the service for outside clients needs of a host beyond tools: sessions, variables, programs and host tools. The
 * methods are those of `Operations`, with their payloads and answers; what answers the requests of workers answers these.
 */
export interface HostOperations {
  /**
   * Answers one operation.
   *
   * @throws SnakepitError as a rejection, which the client gets; `INVALID_ARGUMENT` for a method that is unknown.
   */
  operate(method: string, payload: unknown, context: OperationContext): Promise<unknown>;
  /**
   * Answers one operation with a stream. The next value is asked for when the client has room for it. The iterator is
   * closed when the client wants no more, and ends by itself when the signal aborts while it has nothing to give.
   *
   * @throws SnakepitError from the iterator, as {@link operate}.
   */
  operateStream(method: string, payload: unknown, context: OperationContext): AsyncIterable<unknown>;
  /**
   * Registers tools that a client executes among the functions of the host: all of them, or none when one has a mistake. In
   * a session, if the context has one.
   *
   * @param sessionEnded is called when they are gone with their session.
   * @returns takes those back that are there still.
   * @throws SnakepitError as a rejection: `INVALID_ARGUMENT` with every mistake, `QUOTA_EXCEEDED`, `UNKNOWN_SESSION`,
   *   `SESSION_EXPIRED`, `SHUTTING_DOWN`.
   */
  offerTools(tools: readonly OfferedTool[], context: OperationContext, sessionEnded: () => void): Promise<() => void>;
}

/** For whom an operation is. */
export interface OperationContext {
  /** The session that it is about; `undefined` for what belongs to no session. */
  readonly sessionId: string | undefined;
  /** Who asks: `client`, or `client:` and what the client calls itself. */
  readonly client: string;
  /** When the client gives up. */
  readonly deadline: Deadline;
  /** Aborts when nobody waits for the answer any more: the client has cancelled, its deadline has passed, or it went away. */
  readonly signal: AbortSignal;
}
