import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { OfferToolsRequest, OfferToolsResponse, ToolOffer } from "@snakepit/bridge-proto/grpc";
import { SnakepitError, toSnakepitError, type Unwatch, watchAbort } from "@snakepit/core";
import { optionalSession } from "../handlers/named-session.ts";
import type { HostOperations } from "../host/bridge-host.ts";
import { wantedFormat } from "../payloads/foreign-payload.ts";
import { type ClientCall, clientCall, contextOf } from "../server/client-call.ts";
import { statusOfError } from "../server/error-status.ts";
import { brokenRule, noLongerOffered, offerEnded } from "./offer-errors.ts";
import { OfferOutbox } from "./offer-outbox.ts";
import { OfferedCalls } from "./offered-calls.ts";
import type { OfferedTool } from "./offered-tool.ts";
import { readOffer } from "./read-offer.ts";

/** What an offer of tools needs of the service. */
export interface OfferStreamOptions {
  readonly operations: HostOperations;
  /** Largest value that may cross the wire, in bytes. */
  readonly maxPayloadBytes: number;
  /** Aborts when the service closes. */
  readonly closing: AbortSignal;
}

type OfferState =
  /** The client has offered nothing yet. */
  | { readonly is: "new" }
  /** The host looks at the offer. */
  | { readonly is: "registering"; readonly calls: OfferedCalls }
  /** The tools are there. */
  | { readonly is: "offering"; readonly calls: OfferedCalls }
  /** No calls come any more, and the stream ends when the client has answered those it has. */
  | { readonly is: "draining"; readonly calls: OfferedCalls; readonly error: SnakepitError | undefined }
  | { readonly is: "over" };

/** One client's offer of tools, from its first message to the end of its stream. */
export class OfferStream {
  readonly #stream: ServerDuplexStream<OfferToolsRequest, OfferToolsResponse>;
  readonly #options: OfferStreamOptions;
  readonly #client: ClientCall;
  readonly #outbox: OfferOutbox;
  readonly #unwatch: Unwatch;
  #state: OfferState = { is: "new" };
  #withdraw: () => void = () => {};

  /** @throws SnakepitError `INVALID_ARGUMENT` when the client calls itself something that is no name; `SHUTTING_DOWN`. */
  constructor(stream: ServerDuplexStream<OfferToolsRequest, OfferToolsResponse>, options: OfferStreamOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#client = clientCall(stream);
    if (options.closing.aborted) throw closing();
    this.#outbox = new OfferOutbox(stream);
    this.#unwatch = watchAbort(options.closing, () => this.#drain(closing()));
    stream.on("data", (message: OfferToolsRequest) => this.#receive(message));
    stream.on("end", () => this.#end());
    stream.on("cancelled", () => this.#end());
  }

  #receive({ message }: OfferToolsRequest): void {
    try {
      this.#take(message);
    } catch (thrown) {
      this.#end(toSnakepitError(thrown));
    }
  }

  #take(message: OfferToolsRequest["message"]): void {
    const state = this.#state;
    if (state.is === "over") return;
    if (message === undefined)
      throw brokenRule("a message of the client is empty, or of a kind that this host does not know");
    if (message.$case !== "offer") {
      if (state.is === "new") throw brokenRule(`the first message must be the offer, not a ${message.$case}`);
      state.calls.take(message);
    } else if (state.is === "new") {
      this.#offer(message.value);
    } else {
      throw brokenRule("tools are offered once in a stream; offer others in another one");
    }
  }

  #offer({ tools, sessionId: named, format }: ToolOffer): void {
    const { operations, maxPayloadBytes } = this.#options;
    const sessionId = optionalSession(named);
    const offered = readOffer(tools, (...call) => this.#run(...call));
    const calls = new OfferedCalls({
      outbox: this.#outbox,
      format: wantedFormat(format),
      maxPayloadBytes,
      idle: () => this.#idle(),
      broken: (error) => this.#end(error),
    });
    this.#state = { is: "registering", calls };
    operations
      .offerTools(offered, contextOf(this.#client, sessionId), () => this.#drain())
      .then(
        (withdraw) => {
          this.#withdraw = withdraw;
          if (this.#state.is === "over" || this.#state.is === "draining") withdraw();
          else this.#registered();
        },
        (thrown: unknown) => this.#end(toSnakepitError(thrown)),
      );
  }

  #run(tool: OfferedTool, ...call: Parameters<OfferedTool["run"]>): unknown {
    this.#registered();
    if (this.#state.is === "offering") return this.#state.calls.begin(tool, ...call);
    throw noLongerOffered(tool.name, this.#client.client);
  }

  /** A call may come a moment before the host has said that the tools are there. */
  #registered(): void {
    if (this.#state.is !== "registering") return;
    this.#state = { is: "offering", calls: this.#state.calls };
    this.#outbox.send({ $case: "offered", value: {} });
  }

  #drain(error?: SnakepitError): void {
    if (this.#state.is === "offering" && this.#state.calls.size > 0) {
      this.#withdraw();
      this.#state = { is: "draining", calls: this.#state.calls, error };
    } else if (this.#state.is !== "draining") {
      this.#end(error);
    }
  }

  #idle(): void {
    if (this.#state.is === "draining") this.#end(this.#state.error);
  }

  /** @param error what the client hears; absent when it has left, or the session is over. */
  #end(error?: SnakepitError): void {
    const state = this.#state;
    if (state.is === "over") return;
    this.#state = { is: "over" };
    this.#unwatch();
    this.#withdraw();
    if (state.is !== "new") state.calls.failAll((tool) => offerEnded(tool, this.#client.client, error));
    if (this.#stream.cancelled) return;
    if (error === undefined) this.#stream.end();
    else this.#stream.emit("error", statusOfError(error));
  }
}

function closing(): SnakepitError {
  return new SnakepitError("SHUTTING_DOWN", "the host is closing; it calls no tools any more");
}
