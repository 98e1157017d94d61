import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ChannelCredentials,
  Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  credentials,
  Metadata,
} from "@grpc/grpc-js";
import type { BridgeListenOptions, BridgeServer } from "@snakepit/core";
import { BridgeServiceService } from "../grpc.ts";
import { serveBridge } from "../serve-bridge.ts";
import { RecordedOperations } from "./recorded-operations.ts";
import { ScriptedBridgeHost } from "./scripted-bridge-host.ts";
import { ToolProvider } from "./tool-provider.ts";

type Methods = typeof BridgeServiceService;
type RequestOf<Method extends keyof Methods> = Parameters<Methods[Method]["requestSerialize"]>[0];
type ResponseOf<Method extends keyof Methods> = ReturnType<Methods[Method]["responseDeserialize"]>;

/** The options of a call. */
export interface BenchCallOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly deadline?: number;
  /** Is called with the call as soon as it has started. */
  readonly begun?: (call: ClientUnaryCall) => void;
}

/** The size limit of a value in a bench, in bytes. */
export const BENCH_LIMIT = 4 * 1024 * 1024;

/** A served host and a client, whose requests need only the relevant fields. */
export class BridgeBench implements AsyncDisposable {
  readonly host = new ScriptedBridgeHost();
  readonly operations = new RecordedOperations(BENCH_LIMIT);
  readonly #directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
  readonly #clients: Client[] = [];
  #server: BridgeServer | undefined;

  get socketPath(): string {
    return join(this.#directory, "bridge.sock");
  }

  get address(): string {
    return this.#server?.address ?? "";
  }

  async serve(listen: BridgeListenOptions = { socketPath: this.socketPath }): Promise<this> {
    const { host, operations } = this;
    this.#server = await serveBridge({ host, operations, listen, version: "1.2.3", maxPayloadBytes: BENCH_LIMIT });
    return this;
  }

  /** Returns a new client of the server. */
  connect(channelCredentials: ChannelCredentials = credentials.createInsecure(), address = this.address): Client {
    const client = new Client(address, channelCredentials);
    this.#clients.push(client);
    return client;
  }

  /** Makes a call. Omitted fields of the request have their defaults. */
  call<Method extends keyof Methods>(
    method: Method,
    request: Partial<RequestOf<Method>> = {},
    { metadata = {}, deadline, begun }: BenchCallOptions = {},
    client = this.#clients[0] ?? this.connect(),
  ): Promise<ResponseOf<Method>> {
    const { path, requestSerialize, responseDeserialize } = BridgeServiceService[method];
    return new Promise((resolve, reject) => {
      const call = client.makeUnaryRequest(
        path,
        requestSerialize as (value: object) => Buffer,
        responseDeserialize as (bytes: Buffer) => ResponseOf<Method>,
        withDefaults(method, request),
        metadataOf(metadata),
        deadline === undefined ? {} : { deadline },
        (error, response) => (error === null ? resolve(response!) : reject(error)),
      );
      begun?.(call);
    });
  }

  stream<Method extends keyof Methods>(
    method: Method,
    request: Partial<RequestOf<Method>> = {},
    metadata: Readonly<Record<string, string>> = {},
    client = this.#clients[0] ?? this.connect(),
  ): ClientReadableStream<ResponseOf<Method>> {
    const { path, requestSerialize, responseDeserialize } = BridgeServiceService[method];
    return client.makeServerStreamRequest(
      path,
      requestSerialize as (value: object) => Buffer,
      responseDeserialize as (bytes: Buffer) => ResponseOf<Method>,
      withDefaults(method, request),
      metadataOf(metadata),
    );
  }

  /** Opens a stream for offering tools. */
  offer(
    { metadata = {}, deadline }: Omit<BenchCallOptions, "begun"> = {},
    client = this.#clients[0] ?? this.connect(),
  ): ToolProvider {
    const { path, requestSerialize, responseDeserialize } = BridgeServiceService.offerTools;
    return new ToolProvider(
      client.makeBidiStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        metadataOf(metadata),
        deadline === undefined ? {} : { deadline },
      ),
    );
  }

  async close(options: { readonly graceMs: number }): Promise<void> {
    await this.#server?.close(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.close({ graceMs: 0 });
    await this.operations[Symbol.asyncDispose]();
    rmSync(this.#directory, { recursive: true });
  }
}

function withDefaults<Method extends keyof Methods>(method: Method, request: Partial<RequestOf<Method>>): object {
  return { ...BridgeServiceService[method].requestDeserialize(Buffer.alloc(0)), ...request };
}

function metadataOf(entries: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  return metadata;
}
