import type { ClientCall } from "../server/client-call.ts";
import type { HostOperations, OperationContext } from "./bridge-host.ts";
import type { Operations, StreamOperations } from "./operations.ts";

/** Asks the host, with the payloads and answers that each method has. */
export class HostOperator {
  readonly #operations: HostOperations;

  constructor(operations: HostOperations) {
    this.#operations = operations;
  }

  /** @param sessionId the session that it is about, if it is about one. */
  async ask<Method extends keyof Operations>(
    method: Method,
    payload: Operations[Method]["payload"],
    call: ClientCall,
    sessionId?: string,
  ): Promise<Operations[Method]["answer"]> {
    const answer = await this.#operations.operate(method, payload, contextOf(call, sessionId));
    return answer as Operations[Method]["answer"];
  }

  /** @param sessionId the session that it is about, if it is about one. */
  follow<Method extends keyof StreamOperations>(
    method: Method,
    payload: StreamOperations[Method]["payload"],
    call: ClientCall,
    sessionId?: string,
  ): AsyncIterable<StreamOperations[Method]["answer"]> {
    const answers = this.#operations.operateStream(method, payload, contextOf(call, sessionId));
    return answers as AsyncIterable<StreamOperations[Method]["answer"]>;
  }
}

function contextOf({ client, deadline, signal }: ClientCall, sessionId: string | undefined): OperationContext {
  return { sessionId, client, deadline, signal };
}
