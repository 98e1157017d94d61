import type { OperationContext, OperationExecutor, ToolDescriptor } from "@snakepit/core";
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
 * What the service for outside clients needs of a host in addition to tools: the operations of the contract, which answer
 * workers too, and the registration of tools that clients execute.
 */
export interface HostOperations extends OperationExecutor {
  /**
   * Registers tools that a client executes as host tools, in the session of the context if it has one: all of them, or none
   * when one is invalid.
   *
   * @param sessionEnded is called when the tools are removed because their session has ended.
   * @returns a function that removes those that are still registered.
   * @throws SnakepitError as a rejection: `INVALID_ARGUMENT` with every mistake, `QUOTA_EXCEEDED`, `UNKNOWN_SESSION`,
   *   `SESSION_EXPIRED`, `SHUTTING_DOWN`.
   */
  offerTools(tools: readonly OfferedTool[], context: OperationContext, sessionEnded: () => void): Promise<() => void>;
}
