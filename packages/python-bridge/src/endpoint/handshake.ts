import { type Frame, failureOfError, PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import { type Instrumentation, SnakepitError } from "@snakepit/core";
import { factsOfHello } from "../link/worker-facts.ts";
import { WorkerLink } from "../link/worker-link.ts";
import type { FrameReceiver, FrameTransport, TransportClosed } from "../transports/frame-transport.ts";
import { maxRecordBytes } from "../transports/record-limits.ts";
import type { Expectations } from "./expectations.ts";
import { judgeFirstFrame } from "./hello-verdict.ts";

/** What a {@link Handshake} needs to know of its endpoint. */
export interface HandshakeHost {
  readonly runId: string;
  readonly maxPayloadBytes: number;
  /** Milliseconds that a connection may say nothing. */
  readonly helloTimeoutMs: number;
  readonly instrumentation: Instrumentation;
  readonly expectations: Expectations;
  /** A worker is connected; frames may arrive from now on. */
  welcomed(link: WorkerLink, heartbeatTimeoutMs: number): void;
  /** A connection was not accepted. */
  refused(error: SnakepitError): void;
}

type HandshakeState =
  /** Accepted; it has sent nothing yet. */
  | { readonly is: "listening"; readonly timer: NodeJS.Timeout }
  | { readonly is: "accepted"; readonly link: WorkerLink }
  | { readonly is: "refused"; readonly error: SnakepitError };

/** A connection from its first byte until it is a worker's link or closed. */
export class Handshake implements FrameReceiver {
  readonly #transport: FrameTransport;
  readonly #host: HandshakeHost;
  #state: HandshakeState;

  constructor(transport: FrameTransport, host: HandshakeHost) {
    this.#transport = transport;
    this.#host = host;
    this.#state = { is: "listening", timer: setTimeout(() => this.#onSilence(), host.helloTimeoutMs) };
    void transport.closed.then((closed) => this.#onClosed(closed));
    transport.deliverTo(this);
  }

  frame(frame: Frame): void {
    const verdict = judgeFirstFrame(frame, this.#host.expectations);
    switch (verdict.is) {
      case "accept": {
        const { worker } = verdict.expectation;
        this.#transport.limitRecords(maxRecordBytes(this.#host.maxPayloadBytes));
        const link = new WorkerLink({
          transport: this.#transport,
          facts: factsOfHello(verdict.hello),
          pool: worker.pool,
          instrumentation: this.#host.instrumentation,
          requests: worker.requests,
          maxPayloadBytes: this.#host.maxPayloadBytes,
        });
        this.#transport.send(this.#accept(worker.heartbeatIntervalMs));
        this.#enter({ is: "accepted", link });
        this.#host.welcomed(link, worker.heartbeatTimeoutMs);
        verdict.expectation.meet(link);
        break;
      }
      case "fail-launch":
        this.refuse(verdict.error);
        verdict.expectation.reject(verdict.error);
        break;
      case "reject":
        this.refuse(verdict.error);
        break;
      default:
        verdict satisfies never;
    }
  }

  #onSilence(): void {
    const { helloTimeoutMs } = this.#host;
    this.refuse(new SnakepitError("UNAUTHENTICATED", `a connection sent nothing for ${helloTimeoutMs} ms`));
  }

  #onClosed(closed: TransportClosed): void {
    switch (closed.is) {
      case "aborted":
      case "failed": {
        const { code, message } = closed.error;
        this.#enter({
          is: "refused",
          error: new SnakepitError(
            code === "PAYLOAD_TOO_LARGE" ? "PROTOCOL_MISMATCH" : code,
            `a connection did not begin with a hello: ${message}; no worker of Snakepit`,
            { cause: closed.error },
          ),
        });
        break;
      }
      case "closed-by-peer":
        this.#enter({
          is: "refused",
          error: new SnakepitError("UNAUTHENTICATED", "a connection ended before it sent a hello"),
        });
        break;
      case "closed-here":
        this.#enter({ is: "refused", error: new SnakepitError("SHUTTING_DOWN", "the endpoint was closed") });
        break;
      default:
        closed satisfies never;
    }
  }

  /** Closes the connection and reports the reason to the peer, unless the peer is a worker by now. */
  refuse(error: SnakepitError): void {
    if (this.#state.is !== "listening") return;
    this.#transport.send({ kind: { $case: "reject", value: { failure: failureOfError(error) } } });
    this.#enter({ is: "refused", error });
    void this.#transport.close();
  }

  /** The only place where the state changes: once, from listening to its end. */
  #enter(state: HandshakeState): void {
    if (this.#state.is !== "listening") return;
    clearTimeout(this.#state.timer);
    this.#state = state;
    if (state.is === "refused") this.#host.refused(state.error);
  }

  #accept(heartbeatIntervalMs: number): Frame {
    return {
      kind: {
        $case: "accept",
        value: {
          protocol: PROTOCOL_VERSION,
          runId: this.#host.runId,
          heartbeatIntervalMs,
          // The end of the connection is enough for a worker on the same machine, and a host that is busy with
          // computing must not lose its workers.
          heartbeatTimeoutMs: 0,
          maxPayloadBytes: this.#host.maxPayloadBytes,
        },
      },
    };
  }
}
