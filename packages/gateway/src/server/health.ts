import { type Server, status } from "@grpc/grpc-js";
import { type HealthServer, HealthService, HealthCheckResponse_ServingStatus as Serving } from "../grpc.ts";

/** The status of a server in `grpc.health.v1`. */
export type ServingStatus = "SERVING" | "NOT_SERVING";

/** Implements `grpc.health.v1.Health` for a fixed list of services, all with the same status. */
export class Health {
  readonly #services: ReadonlySet<string>;
  readonly #watchers = new Set<(status: ServingStatus) => void>();
  #status: ServingStatus = "NOT_SERVING";

  /** @param services the names of the services; "" stands for the whole server. */
  constructor(services: Iterable<string>) {
    this.#services = new Set(services);
  }

  addToServer(server: Server): void {
    const implementation: HealthServer = {
      check: ({ request: { service } }, respond) => {
        if (this.#services.has(service)) respond(null, { status: Serving[this.#status] });
        else respond({ code: status.NOT_FOUND, details: `unknown service "${service}"` });
      },
      watch: (call) => {
        // The list never changes, so no other status follows. The protocol requires that the call stays open.
        if (!this.#services.has(call.request.service)) {
          call.write({ status: Serving.SERVICE_UNKNOWN });
          return;
        }
        const watcher = (current: ServingStatus) => call.write({ status: Serving[current] });
        this.#watchers.add(watcher);
        call.once("close", () => this.#watchers.delete(watcher));
        call.once("cancelled", () => this.#watchers.delete(watcher));
        watcher(this.#status);
      },
      list: (_call, respond) => {
        const current = { status: Serving[this.#status] };
        respond(null, { statuses: Object.fromEntries(Array.from(this.#services, (service) => [service, current])) });
      },
    };
    server.addService(HealthService, implementation);
  }

  /** Sets the status of all services and notifies the clients that watch it. */
  setStatus(current: ServingStatus): void {
    this.#status = current;
    for (const watcher of this.#watchers) watcher(current);
  }
}
