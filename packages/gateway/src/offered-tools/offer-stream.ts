import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { HostOperations, OfferedTool } from "@snakepit/core";
import { type SnakepitError, toSnakepitError, type Unsubscribe, watchAbort } from "@snakepit/core";
import type { BridgeServiceServer, OfferToolsRequest, OfferToolsResponse, ToolOffer } from "../grpc.ts";
import { optionalSession } from "../handlers/request-fields.ts";
import { requestedFormat } from "../payloads/foreign-payload.ts";
import { type ClientCall, clientCall, contextOf } from "../server/client-call.ts";
import { decoded } from "../server/decoded-requests.ts";
import { statusOfError } from "../server/error-status.ts";
import { hostClosing, noLongerOffered, offerEnded, protocolError } from "./offer-errors.ts";
import { OfferOutbox } from "./offer-outbox.ts";
import { OfferedCalls } from "./offered-calls.ts";
import { readOffer } from "./read-offer.ts";

/** The options of {@link offerToolsHandler}. */
export interface OfferStreamOptions {
  readonly operations: HostOperations;
  /** The size limit of a value, in bytes. */
  readonly maxPayloadBytes: number;
  /** Aborts when the service closes. */
  readonly closing: AbortSignal;
}

type OfferState =
  /** The client has not sent its offer yet. */
  | { readonly is: "new" }
  /** The host is registering the tools. */
  | { readonly is: "registering"; readonly calls: OfferedCalls }
  /** The tools can be called. */
  | { readonly is: "offering"; readonly calls: OfferedCalls }
  /** The tools are removed. The stream ends when the client has answered the active calls. */
  | { readonly is: "draining"; readonly calls: OfferedCalls; readonly error: SnakepitError | undefined }
  | { readonly is: "ended" };

/** Returns the handler of `OfferTools`. */
export function offerToolsHandler(options: OfferStreamOptions): Pick<BridgeServiceServer, "offerTools"> {
  return {
    offerTools: (stream) => {
      try {
        new OfferStream(stream, options);
      } catch (thrown) {
        stream.emit("error", statusOfError(thrown));
      }
    },
  };
}

/** The offer of one client, from the first message to the end of its stream. */
class OfferStream {
  readonly #stream: ServerDuplexStream<OfferToolsRequest, OfferToolsResponse>;
  readonly #options: OfferStreamOptions;
  readonly #client: ClientCall;
  readonly #outbox: OfferOutbox;
  readonly #unwatch: Unsubscribe;
  #state: OfferState = { is: "new" };
  #withdraw: () => void = () => {};

  /** @throws SnakepitError `INVALID_ARGUMENT` when the name of the client is invalid; `SHUTTING_DOWN`. */
  constructor(stream: ServerDuplexStream<OfferToolsRequest, OfferToolsResponse>, options: OfferStreamOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#client = clientCall(stream);
    if (options.closing.aborted) throw hostClosing();
    this.#outbox = new OfferOutbox(stream);
    this.#unwatch = watchAbort(options.closing, () => this.#drain(hostClosing()));
    stream.on("data", (message: OfferToolsRequest) => this.#receive(message));
    stream.on("end", () => this.#end());
    stream.on("cancelled", () => this.#end());
  }

  #receive(request: OfferToolsRequest): void {
    try {
      this.#handle(decoded(request).message);
    } catch (thrown) {
      this.#end(toSnakepitError(thrown));
    }
  }

  #handle(message: OfferToolsRequest["message"]): void {
    const state = this.#state;
    if (state.is === "ended") return;
    if (message === undefined) throw protocolError("a message must have a known kind; got an empty or unknown one");
    if (message.$case !== "offer") {
      if (state.is === "new") throw protocolError(`the first message must be the offer; got a ${message.$case}`);
      state.calls.handle(message);
    } else if (state.is === "new") {
      this.#offer(message.value);
    } else {
      throw protocolError("a stream must have only one offer; offer more tools in another stream");
    }
  }

  #offer({ tools, sessionId: named, format }: ToolOffer): void {
    const { operations, maxPayloadBytes } = this.#options;
    const sessionId = optionalSession(named);
    const offered = readOffer(tools, (...call) => this.#run(...call));
    const calls = new OfferedCalls({
      outbox: this.#outbox,
      format: requestedFormat(format),
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
          if (this.#state.is === "ended" || this.#state.is === "draining") withdraw();
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

  /** Also called for the first call of a tool, which may arrive before the registration resolves. */
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

  /** @param error the status of the stream; `undefined` when the client disconnected or the session ended. */
  #end(error?: SnakepitError): void {
    const state = this.#state;
    if (state.is === "ended") return;
    this.#state = { is: "ended" };
    this.#unwatch();
    this.#withdraw();
    if (state.is !== "new") state.calls.failAll((tool) => offerEnded(tool, this.#client.client, error));
    if (this.#stream.cancelled) return;
    if (error === undefined) this.#stream.end();
    else this.#stream.emit("error", statusOfError(error));
  }
}
