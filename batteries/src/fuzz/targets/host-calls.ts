import { encodeValue, Frame, PayloadFormat } from "@snakepit/bridge-proto";
import {
  type CallObserver,
  type CallOutcome,
  type HostRequests,
  type OperationContext,
  SnakepitError,
  type WorkerRequest,
  workerOperation,
} from "@snakepit/core";
import type { openEndpoint } from "@snakepit/python-bridge/testing/open-endpoint";
import { workerOperations } from "@snakepit/sessions";
import type { MemoryHost } from "@snakepit/sessions/testing/memory-host";
import { encodedBatch, type Transport } from "../inputs/record-inputs.ts";
import { messageProblem } from "./documented-errors.ts";
import type { FuzzWorker } from "./fuzz-worker.ts";

type Endpoint = Awaited<ReturnType<typeof openEndpoint>>;
type WorkerLink = Awaited<ReturnType<Endpoint["expect"]>["connected"]>;

/** The error of calls that were active when the connection ended. */
const LOST = new SnakepitError("WORKER_CRASHED", "the connection of the worker ended");

/** The calls of a host at one worker: a plain one, a cancelled one, and two streams. Their IDs are 1 to 4. */
export class HostCalls {
  /** Resolves with the outcome of the first call. */
  readonly first: Promise<CallOutcome>;
  readonly #link: WorkerLink;
  readonly #outcomes: CallOutcome[][] = [];
  #settledFirst: (outcome: CallOutcome) => void = () => {};

  constructor(link: WorkerLink) {
    this.#link = link;
    this.first = new Promise((resolve) => {
      this.#settledFirst = resolve;
    });
    this.#dispatch(false, 0);
    this.#dispatch(false, 0).cancel("cancelled");
    this.#dispatch(true, 2);
    this.#dispatch(true, 0);
  }

  /** Answers the first call correctly, in place of the worker. */
  answerFirst(transport: Transport, worker: FuzzWorker): void {
    const { body } = encodeValue("an answer");
    const value = { format: PayloadFormat.MESSAGEPACK, body, bufferLengths: [] };
    const frame = Frame.encode({ kind: { $case: "result", value: { id: 1, value, executionUs: 1 } } }).finish();
    worker.send(encodedBatch({ frames: [Buffer.from(frame)], attachments: [] }, transport));
  }

  /**
   * Waits for the end of the connection and ends the calls, as the owner of a link does. Throws unless each call was
   * settled once.
   *
   * @returns why the connection ended; `undefined` if the worker disconnected.
   */
  async expectSettled(): Promise<SnakepitError | undefined> {
    const link = this.#link;
    const { cause } = await link.closed;
    link.settleActive(() => LOST);
    for (const [place, outcomes] of this.#outcomes.entries()) {
      if (outcomes.length !== 1) throw new Error(`call ${place + 1} was settled ${outcomes.length} times`);
      const [outcome] = outcomes;
      if (outcome?.is !== "failure") continue;
      const problem = isFromWorker(outcome.error) ? undefined : messageProblem(outcome.error.message);
      if (problem !== undefined) throw new Error(problem);
    }
    if (link.activeCalls !== 0) throw new Error(`the link has ${link.activeCalls} active calls after its end`);
    if (link.activeRequests !== 0) throw new Error(`the link has ${link.activeRequests} requests after its end`);
    return cause;
  }

  /** Handles the requests of workers with the operations of a real host, which has no pools. */
  static requests(host: MemoryHost): HostRequests {
    const operations = workerOperations(host);
    return {
      handle: async (request) => {
        const name = workerOperation(request.method, "value");
        return encodeValue(await operations.execute(name, request.payload, contextOf(request)));
      },
      async *stream(request) {
        const name = workerOperation(request.method, "stream");
        for await (const value of operations.stream(name, request.payload, contextOf(request))) {
          yield encodeValue(value);
        }
      },
    };
  }

  #dispatch(streaming: boolean, credit: number) {
    const outcomes: CallOutcome[] = [];
    this.#outcomes.push(outcomes);
    const isFirst = this.#outcomes.length === 1;
    const observer: CallObserver = {
      chunk: () => {},
      settled: (outcome) => {
        outcomes.push(outcome);
        if (isFirst) this.#settledFirst(outcome);
      },
    };
    const call = { tool: "echo", args: encodeValue({}), streaming, credit, deadline: Infinity, correlationId: "c1" };
    return this.#link.dispatch(call, observer);
  }
}

/** Whether the worker has sent the message of the error itself; the host adds the cause to its own errors. */
function isFromWorker({ cause, python, hostException }: SnakepitError): boolean {
  return cause === undefined || python !== undefined || hostException !== undefined;
}

function contextOf(request: WorkerRequest): OperationContext & { readonly sessionId: string | undefined } {
  const { workerId, pool, deadline, signal } = request;
  return { sessionId: undefined, author: workerId, correlationId: "c1", worker: { pool, workerId }, deadline, signal };
}
