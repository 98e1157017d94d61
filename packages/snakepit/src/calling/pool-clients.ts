import { DEFAULT_POOL, type SnakepitError } from "@snakepit/core";
import type { Host } from "../host/host.ts";
import { CallGuard } from "../resilience/call-guard.ts";
import type { PoolExecutor } from "../resilience/fallback.ts";
import { PoolClient } from "./pool-client.ts";
import { unknownPool, unknownWorker } from "./unknown-names.ts";

/** The clients of the pools of a host, in the order of the configuration. */
export class PoolClients {
  readonly byName: ReadonlyMap<string, PoolClient>;
  /** The pool of calls that do not name one; `undefined` when there are several pools and none is named `default`. */
  readonly unnamed: PoolClient | undefined;
  readonly #guards: CallGuard[] = [];

  /** @param circuits the circuit breakers, loaded if a pool has one. */
  constructor(host: Host, circuits: typeof import("../resilience/circuit.ts") | undefined) {
    const { sessions, hostTools } = host.state;
    const { maxPayloadBytes } = host.config;
    const executors = new Map<string, PoolExecutor>();
    const byName = new Map<string, PoolClient>();
    for (const [name, pool] of host.pools) {
      const config = host.config.pools[name];
      if (config === undefined) continue;
      const instrumentation = host.telemetry;
      const circuit =
        config.circuit && circuits?.createCircuits(name, config.circuit, instrumentation, () => pool.tools());
      const guard = new CallGuard({ pool: name, config, instrumentation, circuit, executors });
      this.#guards.push(guard);
      byName.set(name, new PoolClient(pool, config, { sessions, hostTools, maxPayloadBytes, guard, executors }));
    }
    const [first] = byName.values();
    this.byName = byName;
    this.unnamed = byName.get(DEFAULT_POOL) ?? (byName.size === 1 ? first : undefined);
  }

  /** Returns all clients. */
  get all(): readonly PoolClient[] {
    return [...this.byName.values()];
  }

  /**
   * Returns the pool that has a worker.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` for an unknown worker.
   */
  ownerOf(workerId: string): PoolClient {
    const owner = this.all.find((client) => client.workers().some(({ id }) => id === workerId));
    if (owner !== undefined) return owner;
    const ids = this.all.flatMap((client) => client.workers().map(({ id }) => id));
    throw unknownWorker(workerId, ids);
  }

  /** Returns the error for an unknown name. */
  unknown(name: string | undefined): SnakepitError {
    return unknownPool(name, [...this.byName.keys()]);
  }

  /** Ends what calls wait for between two attempts. */
  close(): void {
    for (const guard of this.#guards) guard.close();
  }
}
