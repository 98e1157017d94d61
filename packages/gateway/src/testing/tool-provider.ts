import { once } from "node:events";
import type { ClientDuplexStream, StatusObject } from "@grpc/grpc-js";
import type { HostTool, OfferToolsRequest, OfferToolsResponse, ToolOffer } from "../grpc.ts";

type Sent = NonNullable<OfferToolsRequest["message"]>;
type Received = NonNullable<OfferToolsResponse["message"]>;
type ReceivedOf<Case extends Received["$case"]> = Extract<Received, { readonly $case: Case }>["value"];

/** A client that offers tools, controlled message by message. */
export class ToolProvider {
  readonly stream: ClientDuplexStream<OfferToolsRequest, OfferToolsResponse>;
  /** Resolves with the status of the stream. */
  readonly ended: Promise<StatusObject>;
  readonly #received: Received[] = [];

  constructor(stream: ClientDuplexStream<OfferToolsRequest, OfferToolsResponse>) {
    this.stream = stream;
    // Not events.once, which rejects when the stream fails.
    this.ended = new Promise((resolve) => stream.once("status", resolve));
    // The status contains the error.
    stream.on("error", () => {});
    stream.on("data", ({ message }: OfferToolsResponse) => {
      if (message !== undefined) this.#received.push(message);
      stream.emit("received");
    });
  }

  send($case: Sent["$case"], value: object): this {
    this.stream.write({ message: { $case, value } as Sent });
    return this;
  }

  /** Offers tools. Omitted fields have their defaults. */
  offer(tools: readonly Partial<HostTool>[], offer: Partial<ToolOffer> = {}): this {
    const complete = tools.map((tool) => ({
      name: "",
      description: "",
      parameters: [],
      streaming: false,
      jsonSchema: undefined,
      metadata: undefined,
      ...tool,
    }));
    return this.send("offer", { sessionId: undefined, format: 0, ...offer, tools: complete });
  }

  /** Resolves with the next message, which must be of this kind. */
  async next<Case extends Received["$case"]>($case: Case): Promise<ReceivedOf<Case>> {
    const message = await this.any();
    if (message.$case !== $case)
      throw new Error(`expected a message of the kind ${$case}; got ${JSON.stringify(message)}`);
    return message.value as ReceivedOf<Case>;
  }

  /** Resolves with the next message of any kind. */
  async any(): Promise<Received> {
    for (;;) {
      const message = this.#received.shift();
      if (message !== undefined) return message;
      await once(this.stream, "received");
    }
  }
}
