import { type Frame, failureOfError, PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import { type Instrumentation, SnakepitError, TimeLimit } from "@snakepit/core";
import { StartPermits } from "../link/start-permits.ts";
import { factsOfHello } from "../link/worker-facts.ts";
import { WorkerLink } from "../link/worker-link.ts";
import {
  type FrameReceiver,
  type FrameTransport,
  maxRecordBytes,
  type TransportClosed,
} from "../transports/frame-transport.ts";
import { UnsentRecords } from "../transports/unsent-records.ts";
import type { Expectations } from "./expectations.ts";
import { checkFirstFrame } from "./hello-verdict.ts";

/** The endpoint of a {@link Handshake}. */
export interface HandshakeHost {
  readonly runId: string;
  readonly maxPayloadBytes: number;
  /** Milliseconds within which a connection must send its hello. */
  readonly helloTimeoutMs: number;
  readonly instrumentation: Instrumentation;
  readonly expectations: Expectations;
  /** The directory of the files that a worker's Hello names; absent for connections that do not support them. */
  readonly workerFiles?: string | undefined;
  /** A worker was accepted; its frames may arrive from now on. */
  onAccepted(link: WorkerLink, heartbeatTimeoutMs: number): void;
  /** A connection was rejected. */
  onRejected(error: SnakepitError): void;
}

type HandshakeState =
  /** The hello has not arrived. */
  | { readonly is: "waiting"; readonly limit: TimeLimit }
  | { readonly is: "accepted"; readonly link: WorkerLink }
  | { readonly is: "rejected"; readonly error: SnakepitError };

/** The handshake of a connection: it ends with the link of a worker or a closed connection. */
export class Handshake implements FrameReceiver {
  readonly #transport: FrameTransport;
  readonly #host: HandshakeHost;
  #state: HandshakeState;

  constructor(transport: FrameTransport, host: HandshakeHost) {
    this.#transport = transport;
    this.#host = host;
    this.#state = { is: "waiting", limit: new TimeLimit(host.helloTimeoutMs, () => this.#onTimeOut()) };
    void transport.closed.then((closed) => this.#onClosed(closed));
    transport.deliverTo(this);
  }

  frame(frame: Frame): void {
    const verdict = checkFirstFrame(frame, this.#host.expectations);
    switch (verdict.is) {
      case "accept": {
        const { worker } = verdict.expectation;
        const { workerFiles } = this.#host;
        const { startPermits, unsentRecords } = verdict.hello;
        const permits = workerFiles === undefined ? undefined : StartPermits.open(workerFiles, startPermits);
        const unsent = workerFiles === undefined ? undefined : UnsentRecords.open(workerFiles, unsentRecords);
        this.#transport.limitRecords(maxRecordBytes(this.#host.maxPayloadBytes));
        const link = new WorkerLink({
          transport: this.#transport,
          facts: factsOfHello(verdict.hello),
          pool: worker.pool,
          instrumentation: this.#host.instrumentation,
          requests: worker.requests,
          maxPayloadBytes: this.#host.maxPayloadBytes,
          permits,
          unsent,
        });
        this.#transport.send(this.#accept(worker.heartbeatIntervalMs, unsent !== undefined));
        link.begin();
        this.#enter({ is: "accepted", link });
        this.#host.onAccepted(link, worker.heartbeatTimeoutMs);
        verdict.expectation.meet(link);
        break;
      }
      case "fail-launch":
        this.reject(verdict.error);
        verdict.expectation.reject(verdict.error);
        break;
      case "reject":
        this.reject(verdict.error);
        break;
      default:
        verdict satisfies never;
    }
  }

  #onTimeOut(): void {
    const { helloTimeoutMs } = this.#host;
    this.reject(new SnakepitError("UNAUTHENTICATED", `a connection sent no hello within ${helloTimeoutMs} ms`));
  }

  #onClosed(closed: TransportClosed): void {
    switch (closed.is) {
      case "aborted":
      case "failed": {
        const { code, message } = closed.error;
        this.#enter({
          is: "rejected",
          error: new SnakepitError(
            code === "PAYLOAD_TOO_LARGE" ? "PROTOCOL_MISMATCH" : code,
            `a connection did not begin with a hello: ${message}; its client is not a Snakepit worker`,
            { cause: closed.error },
          ),
        });
        break;
      }
      case "closed-by-peer":
        this.#enter({
          is: "rejected",
          error: new SnakepitError("UNAUTHENTICATED", "a connection ended before it sent a hello"),
        });
        break;
      case "closed-here":
        this.#enter({ is: "rejected", error: new SnakepitError("SHUTTING_DOWN", "the endpoint was closed") });
        break;
      default:
        closed satisfies never;
    }
  }

  /** Reports the error to the peer and closes the connection. Does nothing if the handshake has ended. */
  reject(error: SnakepitError): void {
    if (this.#state.is !== "waiting") return;
    this.#transport.send({ kind: { $case: "reject", value: { failure: failureOfError(error) } } });
    this.#enter({ is: "rejected", error });
    void this.#transport.close();
  }

  /** The only method that changes the state: once, from `waiting` to a final state. */
  #enter(state: HandshakeState): void {
    if (this.#state.is !== "waiting") return;
    this.#state.limit.cancel();
    this.#state = state;
    if (state.is === "rejected") this.#host.onRejected(state.error);
  }

  #accept(heartbeatIntervalMs: number, readsUnsentRecords: boolean): Frame {
    return {
      kind: {
        $case: "accept",
        value: {
          protocol: PROTOCOL_VERSION,
          runId: this.#host.runId,
          heartbeatIntervalMs,
          // A worker on the same machine detects the end of its host from the closed connection, and a host with a
          // blocked event loop must not lose its workers.
          heartbeatTimeoutMs: 0,
          maxPayloadBytes: this.#host.maxPayloadBytes,
          readsUnsentRecords,
        },
      },
    };
  }
}
