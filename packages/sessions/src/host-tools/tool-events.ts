import { GLOBAL_SCOPE, type Instrumentation, type SnakepitError, toSnakepitError } from "@snakepit/core";
import type { HostToolCall } from "./host-tool-call.ts";

/** Emits the events of host tools. An event without a listener costs a read of a property. */
export class ToolEvents {
  readonly #instrumentation: Instrumentation | undefined;

  constructor(instrumentation: Instrumentation | undefined) {
    this.#instrumentation = instrumentation;
  }

  registered(tools: readonly string[], scope: string): void {
    if (this.#instrumentation?.listens?.["tool.registered"] !== true) return;
    this.#instrumentation.emit("tool.registered", { tools, sessionId: sessionOf(scope) });
  }

  unregistered(tools: readonly string[], scope: string): void {
    if (this.#instrumentation?.listens?.["tool.unregistered"] !== true) return;
    this.#instrumentation.emit("tool.unregistered", { tools, sessionId: sessionOf(scope) });
  }

  /** Makes a call of a host tool, and reports its end. */
  async call<Value>(call: HostToolCall, by: string, make: () => Promise<Value>): Promise<Value> {
    const end = this.#begin(call, by, false);
    try {
      const value = await make();
      end?.();
      return value;
    } catch (thrown) {
      end?.(toSnakepitError(thrown));
      throw thrown;
    }
  }

  /** Returns the chunks of a host tool, and reports their end. */
  stream<Chunk>(
    call: HostToolCall,
    by: string,
    chunks: AsyncIterableIterator<Chunk, void>,
  ): AsyncIterableIterator<Chunk, void> {
    const end = this.#begin(call, by, true);
    return end === undefined ? chunks : new ReportedChunks(chunks, end);
  }

  /** Returns the function that reports the end of a call; `undefined` without a listener. */
  #begin(call: HostToolCall, by: string, streaming: boolean): ((error?: SnakepitError) => void) | undefined {
    const instrumentation = this.#instrumentation;
    if (instrumentation?.listens?.["tool.called"] !== true) return undefined;
    const { tool, pool, correlationId, sessionId } = call;
    const startedAt = performance.now();
    return (error) => {
      const durationMs = performance.now() - startedAt;
      instrumentation.emit("tool.called", { tool, streaming, by, pool, correlationId, sessionId, durationMs, error });
    };
  }
}

/** Passes chunks on, and reports their end once: the last one, an error, or that the consumer leaves. */
class ReportedChunks<Chunk> implements AsyncIterableIterator<Chunk, void> {
  readonly #chunks: AsyncIterableIterator<Chunk, void>;
  #end: ((error?: SnakepitError) => void) | undefined;

  constructor(chunks: AsyncIterableIterator<Chunk, void>, end: (error?: SnakepitError) => void) {
    this.#chunks = chunks;
    this.#end = end;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Chunk, void>> {
    try {
      const result = await this.#chunks.next();
      if (result.done === true) this.#ended();
      return result;
    } catch (thrown) {
      this.#ended(toSnakepitError(thrown));
      throw thrown;
    }
  }

  async return(): Promise<IteratorResult<Chunk, void>> {
    this.#ended();
    return (await this.#chunks.return?.()) ?? { done: true, value: undefined };
  }

  #ended(error?: SnakepitError): void {
    this.#end?.(error);
    this.#end = undefined;
  }
}

function sessionOf(scope: string): string | undefined {
  return scope === GLOBAL_SCOPE ? undefined : scope;
}
