import { encodeValue } from "@snakepit/bridge-proto";
import { type EncodedValue, type HostRequests, SnakepitError, type WorkerRequest } from "@snakepit/core";
import type { OperationContext, SessionDirectory } from "@snakepit/sessions";
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
    const { operations, sessions } = await this.#state;
    const use = useOf(sessions, request);
    if (use !== undefined) await use;
    const answer = await operations.operate(method, payload, contextOf(request));
    if (method === "tools.call") return this.#encodeResult(answer as { readonly value: unknown }, request);
    return this.#encode(answer, method);
  }

  async *stream(request: WorkerRequest): AsyncIterable<EncodedValue> {
    const { method, payload } = request;
    refuseUnlessAllowed(request);
    const { operations, sessions } = await this.#state;
    const use = useOf(sessions, request);
    if (use !== undefined) await use;
    const root = method === "tools.stream" ? `${hostToolOf(request)}: chunk` : method;
    for await (const value of operations.operateStream(method, payload, contextOf(request))) {
      yield this.#encode(value, root);
    }
  }

  /** What a host tool gave. When it cannot be sent, that is told as the tool's author sees it: `host tool "x": result.model: …`. */
  #encodeResult(answer: { readonly value: unknown }, request: WorkerRequest): EncodedValue {
    try {
      return this.#encode(answer, request.method);
    } catch (thrown) {
      this.#encode(answer.value, `${hostToolOf(request)}: result`);
      throw thrown;
    }
  }

  #encode(value: unknown, root: string): EncodedValue {
    return encodeValue(value, { root, maxBytes: this.#maxPayloadBytes });
  }
}

/** The host tool that was asked for, which has been found by then. */
function hostToolOf({ payload }: WorkerRequest): string {
  const { tool } = payload as { readonly tool: string };
  return `host tool "${tool}"`;
}

function refuseUnlessAllowed({ method }: WorkerRequest): void {
  if (METHODS.test(method)) return;
  throw new SnakepitError("INVALID_ARGUMENT", `workers cannot ask for "${method}"`, { details: { method } });
}

/**
 * Whatever is asked is a use of the call's session: of that one, and not of a later one with its id. Usually there is nothing
 * to wait for.
 */
function useOf(sessions: SessionDirectory, { call }: WorkerRequest): Promise<void> | undefined {
  return call?.sessionId === undefined ? undefined : sessions.use(call.sessionId, call.sessionLife);
}

function contextOf(request: WorkerRequest): OperationContext {
  const { call, pool, workerId, deadline } = request;
  return {
    sessionId: call?.sessionId,
    sessionLife: call?.sessionLife,
    author: workerId,
    correlationId: call?.correlationId ?? workerId,
    worker: { pool, workerId },
    lineage: call?.lineage,
    deadline,
    // A request makes its signal for whoever looks at it, and most are answered before that could matter.
    get signal() {
      return request.signal;
    },
  };
}
