import type { ResolvedPoolConfig, ToolDescriptor } from "@snakepit/core";
import type { PoolStats, PoolStream, WorkerInfo, WorkerPool } from "@snakepit/pool";
import type { CallOptions, StreamOptions, ToolArguments } from "./call-options.ts";
import { type CallLimits, poolCall } from "./pool-call.ts";

/** The chunks of a streaming call: for `for await`, which cancels the call when it is left early. */
export interface ChunkStream<Chunk> extends AsyncIterableIterator<Chunk, undefined>, AsyncDisposable {}

/** One pool of a host, as `pit.pool(name)` gives it. */
export class PoolClient {
  readonly name: string;
  readonly #pool: WorkerPool;
  readonly #limits: CallLimits;
  readonly #executeTimeoutMs: number;
  readonly #streamTimeoutMs: number;

  /** Made by the host. */
  constructor(pool: WorkerPool, config: ResolvedPoolConfig, maxPayloadBytes: number) {
    this.name = pool.name;
    this.#pool = pool;
    this.#limits = { pool: pool.name, maxPayloadBytes };
    this.#executeTimeoutMs = config.executeTimeoutMs;
    this.#streamTimeoutMs = config.streamTimeoutMs;
  }

  /**
   * Runs a tool and gives its value; see {@link Snakepit.execute}.
   *
   * Not an async function: the promise is the pool's own, which spares each call one.
   */
  execute<Value = unknown>(tool: string, args?: ToolArguments, options?: CallOptions): Promise<Value> {
    try {
      return this.#pool.execute(poolCall(tool, args, options, this.#executeTimeoutMs, this.#limits)) as Promise<Value>;
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  /** Runs a streaming tool and gives its chunks; see {@link Snakepit.stream}. */
  stream<Chunk = unknown>(tool: string, args?: ToolArguments, options?: StreamOptions): ChunkStream<Chunk> {
    const stream: PoolStream = this.#pool.stream(poolCall(tool, args, options, this.#streamTimeoutMs, this.#limits));
    return stream as ChunkStream<Chunk>;
  }

  /** The tools that the pool's workers offer. */
  tools(): readonly ToolDescriptor[] {
    return this.#pool.tools();
  }

  /** The pool in figures, as of now. */
  stats(): PoolStats {
    return this.#pool.stats();
  }

  /** The pool's workers, as of now. */
  workers(): WorkerInfo[] {
    return this.#pool.workers();
  }
}
