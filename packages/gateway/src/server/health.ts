import { type Server, status } from "@grpc/grpc-js";
import type { HealthReport, WatchedHealth } from "@snakepit/core";
import { type HealthServer, HealthService, HealthCheckResponse_ServingStatus as Serving } from "../grpc.ts";

/** The status of a service in `grpc.health.v1`. */
export type ServingStatus = "SERVING" | "NOT_SERVING";

/** Interval in milliseconds at which the health is checked while clients watch it: databases report no changes. */
const WATCH_INTERVAL_MS = 1_000;

/** The service names that stand for the whole host: the empty name, and that of the bridge. */
const HOST_NAMES = ["", "snakepit.bridge.v1.BridgeService"];
/** Whether the process can recover by itself, for liveness probes. */
const LIVE_NAME = "live";

/** A client that watches a service. */
interface Watcher {
  readonly service: string;
  send(status: ServingStatus): void;
}

/**
 * Implements `grpc.health.v1.Health` with the checks of a host: `""` and the bridge service serve if the host is ready,
 * `pool.<name>` if the pool is, and `live` if the process can recover by itself. The service is generated from the
 * official .proto file; the package `grpc-health-check` stores statuses that the program sets, whereas these are
 * assessed when a client asks.
 */
export class Health {
  readonly #source: WatchedHealth;
  readonly #watchers = new Set<Watcher>();
  /** Replaces the health of the host. */
  #override: ServingStatus | undefined;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #updating: Promise<void> | undefined;
  #isOutdated = false;
  readonly #unsubscribe: () => void;

  constructor(source: WatchedHealth) {
    this.#source = source;
    this.#unsubscribe = source.onHealthChange(() => this.#update());
  }

  addToServer(server: Server): void {
    const implementation: HealthServer = {
      check: ({ request: { service } }, respond) => {
        this.#statuses().then(
          (statuses) => {
            const current = statuses.get(service);
            if (current !== undefined) respond(null, { status: Serving[current] });
            else respond({ code: status.NOT_FOUND, details: unknownService(service, statuses) });
          },
          (error: unknown) => respond({ code: status.INTERNAL, details: String(error) }),
        );
      },
      watch: (call) => {
        let last: Serving | undefined;
        const write = (next: Serving) => {
          if (next === last) return;
          last = next;
          call.write({ status: next });
        };
        const watcher: Watcher = { service: call.request.service, send: (current) => write(Serving[current]) };
        this.#watchers.add(watcher);
        const end = () => this.#forget(watcher);
        call.once("close", end);
        call.once("cancelled", end);
        this.#timer ??= setInterval(() => this.#update(), WATCH_INTERVAL_MS).unref();
        this.#statuses().then(
          (statuses) => {
            // The list never changes, so no other status follows. The protocol requires that the call stays open.
            if (!statuses.has(watcher.service)) write(Serving.SERVICE_UNKNOWN);
            this.#notify(watcher, statuses);
          },
          () => write(Serving.UNKNOWN),
        );
      },
      list: (_call, respond) => {
        this.#statuses().then(
          (statuses) => {
            const entries = Array.from(statuses, ([name, current]) => [name, { status: Serving[current] }] as const);
            respond(null, { statuses: Object.fromEntries(entries) });
          },
          (error: unknown) => respond({ code: status.INTERNAL, details: String(error) }),
        );
      },
    };
    server.addService(HealthService, implementation);
  }

  /** Sets the status of all services instead of the health of the host, and notifies the clients that watch it. */
  override(current: ServingStatus): void {
    this.#override = current;
    for (const watcher of this.#watchers) watcher.send(current);
  }

  /** Notifies the clients that watch the health that nothing is served any longer. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unsubscribe();
    clearInterval(this.#timer);
    this.override("NOT_SERVING");
  }

  /** Checks the health and notifies the clients that watch it; at most one check runs and one waits. */
  #update(): void {
    if (this.#isClosed || this.#watchers.size === 0) return;
    this.#isOutdated = true;
    this.#updating ??= this.#updateAll().finally(() => {
      this.#updating = undefined;
    });
  }

  async #updateAll(): Promise<void> {
    while (this.#isOutdated && !this.#isClosed) {
      this.#isOutdated = false;
      const statuses = await this.#statuses();
      for (const watcher of this.#watchers) this.#notify(watcher, statuses);
    }
  }

  #notify(watcher: Watcher, statuses: ReadonlyMap<string, ServingStatus>): void {
    // A status that was set meanwhile has been sent.
    const current = this.#override ?? statuses.get(watcher.service);
    if (current !== undefined && this.#watchers.has(watcher)) watcher.send(current);
  }

  #forget(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #statuses(): Promise<ReadonlyMap<string, ServingStatus>> {
    const statuses = servicesOf(await this.#source.health());
    const current = this.#override;
    return current === undefined ? statuses : new Map(Array.from(statuses.keys(), (name) => [name, current]));
  }
}

function servicesOf({ live, ready, checks }: HealthReport): ReadonlyMap<string, ServingStatus> {
  const statuses = new Map(HOST_NAMES.map((name) => [name, servingIf(ready)]));
  statuses.set(LIVE_NAME, servingIf(live));
  // A pool cannot serve calls that its host rejects.
  const isOpen = checks.every(({ name, status }) => name !== "host" || status !== "fail");
  for (const pool of new Set(checks.flatMap((check) => check.pool ?? []))) {
    const ofPool = checks.filter((check) => check.pool === pool);
    statuses.set(`pool.${pool}`, servingIf(isOpen && ofPool.every((check) => check.status !== "fail")));
  }
  return statuses;
}

function servingIf(condition: boolean): ServingStatus {
  return condition ? "SERVING" : "NOT_SERVING";
}

function unknownService(service: string, statuses: ReadonlyMap<string, unknown>): string {
  const names = Array.from(statuses.keys(), (name) => JSON.stringify(name)).join(", ");
  return `unknown service ${JSON.stringify(service)}; the services are ${names}`;
}
