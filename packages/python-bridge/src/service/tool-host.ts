import type { ToolDescriptor } from "@snakepit/core";

/** What the service for outside clients needs of a host; `Snakepit` is one. */
export interface ToolHost {
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
