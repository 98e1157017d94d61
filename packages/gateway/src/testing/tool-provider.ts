import { once } from "node:events";
import type { ClientDuplexStream, StatusObject } from "@grpc/grpc-js";
import type { HostTool, OfferToolsRequest, OfferToolsResponse, ToolOffer } from "@snakepit/bridge-proto/grpc";

type Sent = NonNullable<OfferToolsRequest["message"]>;
type Received = NonNullable<OfferToolsResponse["message"]>;
type ReceivedOf<Case extends Received["$case"]> = Extract<Received, { readonly $case: Case }>["value"];

/** A client that offers tools, message by message. */
export class ToolProvider {
  readonly stream: ClientDuplexStream<OfferToolsRequest, OfferToolsResponse>;
  /** How the stream ended. */
  readonly ended: Promise<StatusObject>;
  readonly #received: Received[] = [];

  constructor(stream: ClientDuplexStream<OfferToolsRequest, OfferToolsResponse>) {
    this.stream = stream;
    // Not events.once, which a failure rejects.
    this.ended = new Promise((resolve) => stream.once("status", resolve));
    // The status says the same.
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

  /** Offers tools, with what is left out as it is by default. */
  offer(tools: readonly Partial<HostTool>[], offer: Partial<ToolOffer> = {}): this {
    const whole = tools.map((tool) => ({
      name: "",
      description: "",
      parameters: [],
      streaming: false,
      jsonSchema: undefined,
      metadata: undefined,
      ...tool,
    }));
    return this.send("offer", { sessionId: undefined, format: 0, ...offer, tools: whole });
  }

  /** The next message, which is one of this kind. */
  async next<Case extends Received["$case"]>($case: Case): Promise<ReceivedOf<Case>> {
    const message = await this.any();
    if (message.$case !== $case) throw new Error(`there came ${JSON.stringify(message)} and not a ${$case}`);
    return message.value as ReceivedOf<Case>;
  }

  /** The next message, of any kind. */
  async any(): Promise<Received> {
    for (;;) {
      const message = this.#received.shift();
      if (message !== undefined) return message;
      await once(this.stream, "received");
    }
  }
}
