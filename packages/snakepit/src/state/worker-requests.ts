import { encodeValue } from "@snakepit/bridge-proto";
import { type EncodedValue, type HostRequests, SnakepitError, type WorkerRequest } from "@snakepit/core";
import type { OperationContext } from "@snakepit/sessions";
import type { HostState } from "./host-state.ts";

/** What a worker may ask. The session is that of its call: making and closing sessions is for callers. */
const METHODS = /^(session\.(get|touch)|variables\..*|programs\.(?!execute$).*|tools\..*)$/;

/** Answers the requests of workers with the operations that answer clients, too. */
export class WorkerRequests implements HostRequests {
  readonly #state: Promise<HostState>;
  readonly #maxPayloadBytes: number;

  /** @param state what is asked of; a worker may be there before it is. */
  constructor(state: Promise<HostState>, maxPayloadBytes: number) {
    this.#state = state;
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  async handle(request: WorkerRequest): Promise<EncodedValue> {
    const { method, payload } = request;
    refuseUnlessAllowed(request);
    const { operations } = await this.#state;
    return this.#encode(await operations.operate(method, payload, contextOf(request)), method);
  }

  async *stream(request: WorkerRequest): AsyncIterable<EncodedValue> {
    const { method, payload } = request;
    refuseUnlessAllowed(request);
    const { operations } = await this.#state;
    for await (const value of operations.operateStream(method, payload, contextOf(request))) {
      yield this.#encode(value, method);
    }
  }

  #encode(value: unknown, method: string): EncodedValue {
    return encodeValue(value, { root: method, maxBytes: this.#maxPayloadBytes });
  }
}

function refuseUnlessAllowed({ method }: WorkerRequest): void {
  if (METHODS.test(method)) return;
  throw new SnakepitError("INVALID_ARGUMENT", `workers cannot ask for "${method}"`, { details: { method } });
}

function contextOf({ call, pool, workerId, deadline, signal }: WorkerRequest): OperationContext {
  return {
    sessionId: call?.sessionId,
    author: workerId,
    correlationId: call?.correlationId ?? workerId,
    worker: { pool, workerId },
    lineage: call?.lineage,
    deadline,
    signal,
  };
}
