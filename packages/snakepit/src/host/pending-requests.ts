import type { EncodedValue, HostRequests, WorkerRequest } from "@snakepit/core";

type State =
  | { readonly is: "opening"; readonly requests: Promise<HostRequests> }
  | { readonly is: "open"; readonly requests: HostRequests };

/**
 * Answers of a host whose state is being opened: requests wait for that. So workers start while modules are loaded and a
 * database is opened. When opening fails, so do the requests; the start of the host reports the error.
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
