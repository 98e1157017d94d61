import { encodeValue } from "@snakepit/bridge-proto/values";
import {
  type EncodedValue,
  type HostRequests,
  type OperationContext,
  readPayload,
  type WorkerOperation,
  type WorkerRequest,
  workerOperation,
} from "@snakepit/core";
import type { Operations } from "@snakepit/sessions";

/** Handles the requests of workers: calls the operations that the contract permits to workers. */
export class WorkerRequests implements HostRequests {
  readonly #operations: Operations<WorkerOperation>;
  readonly #maxPayloadBytes: number;

  /** @param maxPayloadBytes the size of the largest response. */
  constructor(operations: Operations<WorkerOperation>, maxPayloadBytes: number) {
    this.#operations = operations;
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  async handle(request: WorkerRequest): Promise<EncodedValue> {
    const name = workerOperation(request.method, "value");
    if (name === "tools.call") return await this.#callTool(request);
    return this.#encode(await this.#operations.execute(name, request.payload, contextOf(request)), name);
  }

  async *stream(request: WorkerRequest): AsyncIterable<EncodedValue> {
    const name = workerOperation(request.method, "stream");
    const values = this.#operations.stream(name, request.payload, contextOf(request));
    for await (const value of values) {
      yield this.#encode(value, name === "tools.stream" ? `${nameOfHostTool(request)}: chunk` : name);
    }
  }

  /** Names the tool and the path within its result when the result cannot be sent: `host tool "x": result.model: …`. */
  async #callTool(request: WorkerRequest): Promise<EncodedValue> {
    const response = await this.#operations.execute("tools.call", request.payload, contextOf(request));
    try {
      return this.#encode(response, request.method);
    } catch (thrown) {
      this.#encode(response.value, `${nameOfHostTool(request)}: result`);
      throw thrown;
    }
  }

  /** @param root names the value in errors. */
  #encode(value: unknown, root: string): EncodedValue {
    return encodeValue(value, { root, maxBytes: this.#maxPayloadBytes });
  }
}

function nameOfHostTool({ payload }: WorkerRequest): string {
  return `host tool "${readPayload("tools.call", payload).tool}"`;
}

function contextOf(request: WorkerRequest): OperationContext {
  const { call, pool, workerId, deadline, traceparent } = request;
  return {
    sessionId: call?.sessionId,
    sessionGeneration: call?.sessionGeneration,
    author: workerId,
    correlationId: call?.correlationId ?? workerId,
    worker: { pool, workerId },
    lineage: call?.lineage,
    traceparent,
    deadline,
    // A request creates its signal when the property is read; most operations do not read it.
    get signal() {
      return request.signal;
    },
  };
}
