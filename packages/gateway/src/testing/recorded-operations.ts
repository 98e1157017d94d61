import { valueCodec } from "@snakepit/bridge-proto";
import type { HostOperations, OfferedTool } from "@snakepit/core";
import {
  GLOBAL_SCOPE,
  type OperationAnswers,
  type OperationContext,
  type OperationContexts,
  type OperationExecutor,
  type OperationRequests,
  type StreamOperation,
  type ValueOperation,
} from "@snakepit/core";
import { clientOperations } from "@snakepit/sessions";
import { MemoryHost } from "@snakepit/sessions/testing/memory-host";

/** A request of the service to its host. */
export interface RecordedRequest {
  readonly method: string;
  readonly payload: unknown;
  readonly context: OperationContext;
}

/** The operations of a host in memory, which records requests. An executed program returns its arguments. */
export class RecordedOperations implements HostOperations, AsyncDisposable {
  /** The requests in order. */
  readonly requests: RecordedRequest[] = [];
  readonly host: MemoryHost;
  readonly #operations: OperationExecutor;

  /** @param maxValueBytes the size of the largest value that a variable may have. */
  constructor(maxValueBytes: number) {
    this.host = new MemoryHost(valueCodec(maxValueBytes), "w1");
    this.#operations = clientOperations(this.host, async (command, args) => ({ command, args }));
  }

  execute<Name extends ValueOperation>(
    name: Name,
    payload: OperationRequests[Name],
    context: OperationContexts[Name],
  ): Promise<OperationAnswers[Name]> {
    this.requests.push({ method: name, payload, context });
    return this.#operations.execute(name, payload, context);
  }

  stream<Name extends StreamOperation>(
    name: Name,
    payload: OperationRequests[Name],
    context: OperationContexts[Name],
  ): AsyncIterable<OperationAnswers[Name]> {
    this.requests.push({ method: name, payload, context });
    return this.#operations.stream(name, payload, context);
  }

  async offerTools(
    tools: readonly OfferedTool[],
    context: OperationContext,
    sessionEnded: () => void,
  ): Promise<() => void> {
    this.requests.push({ method: "tools.offer", payload: tools, context });
    return this.host.toolOffers.offer(tools, context.sessionId ?? GLOBAL_SCOPE, sessionEnded);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host[Symbol.asyncDispose]();
  }
}
