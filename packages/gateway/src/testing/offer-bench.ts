import { credentials, type ServiceError } from "@grpc/grpc-js";
import { PayloadFormat } from "@snakepit/bridge-proto";
import { BridgeBench } from "./bridge-bench.ts";
import { json, unpacked } from "./client-messages.ts";
import type { ToolProvider } from "./tool-provider.ts";

/** The error of a failed call. */
export interface BenchFailure {
  readonly status: number;
  readonly message: string;
  /** The Snakepit error code. */
  readonly code: string;
}

/** A served host with tools that clients offer, and a client that calls them. */
export class OfferBench extends BridgeBench {
  /** Offers tools by name, in JSON, on a new connection. Tools whose name begins with "stream" are streaming tools. */
  async offering(...names: string[]): Promise<ToolProvider> {
    const client = this.connect(credentials.createInsecure());
    const tools = names.map((name) => ({ name, streaming: name.startsWith("stream") }));
    const provider = this.offer({ metadata: { "snakepit-client": "billing" } }, client);
    provider.offer(tools, { format: PayloadFormat.JSON });
    await provider.next("offered");
    return provider;
  }

  async execute(tool: string, args: object = {}): Promise<unknown> {
    return unpacked(await this.call("executeHostTool", { tool, args: json(args) }));
  }

  /** Resolves with the names of all host tools. */
  async names(): Promise<readonly string[]> {
    return (await this.call("listHostTools")).tools.map(({ name }) => name);
  }
}

/** Resolves with the error of a call that fails. */
export function failure(call: Promise<unknown>): Promise<BenchFailure> {
  return call.then(
    () => Promise.reject(new Error("the call succeeded")),
    (error: ServiceError) => ({
      status: error.code,
      message: error.details,
      code: String(error.metadata.get("snakepit-code")[0]),
    }),
  );
}
