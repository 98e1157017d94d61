import type { EncodedValue, HostRequests, WorkerRequest } from "@snakepit/core";

type State =
  | { readonly is: "opening"; readonly requests: Promise<HostRequests> }
  | { readonly is: "open"; readonly requests: HostRequests };

/**
 * Handles requests while the state of the host is being opened: they wait until it is open. Workers can therefore start
 * while modules are loaded and a database is opened. When opening fails, the requests fail with its error, which the
 * start of the host reports.
 */
export class PendingRequests implements HostRequests {
  #state: State;

  constructor(opening: Promise<HostRequests>) {
    this.#state = { is: "opening", requests: opening };
    opening.then(
      (requests) => {
        this.#state = { is: "open", requests };
      },
      () => {},
    );
  }

  async handle(request: WorkerRequest): Promise<EncodedValue> {
    const requests = this.#state.is === "open" ? this.#state.requests : await this.#state.requests;
    return await requests.handle(request);
  }

  async *stream(request: WorkerRequest): AsyncIterable<EncodedValue> {
    yield* (await this.#state.requests).stream(request);
  }
}
