import {
  type Client,
  type ClientReadableStream,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  type ServiceClientConstructor,
} from "@grpc/grpc-js";
import { peerFile } from "../project-files.ts";
import { bytesOf, type Contestant, float64Of, type Visitor } from "./contestant.ts";
import { loadPeer, Turns } from "./peer-package.ts";
import { type RunningServer, startServers } from "./server-process.ts";

/** The part of @grpc/proto-loader that is used. */
interface ProtoLoader {
  loadSync(path: string, options: object): Parameters<typeof loadPackageDefinition>[0];
}

type Unary<Request, Response> = (request: Request, callback: (error: Error | null, response: Response) => void) => void;

/** The messages of `peers.proto` that have a single field. */
interface Sum {
  readonly value: number;
}
interface Visitors {
  readonly records: readonly Visitor[];
}
interface FloatArray {
  readonly values: Buffer;
}
interface Duration {
  readonly ms: number;
}

/** The client that is created from `peers.proto`. */
interface Tools extends Client {
  readonly Add: Unary<{ a: number; b: number }, Sum>;
  readonly Visit: Unary<Visitors, Visitors>;
  readonly TotalVisits: Unary<Visitors, Sum>;
  readonly Echo: Unary<FloatArray, FloatArray>;
  readonly Work: Unary<Duration, Duration>;
  Count(request: { to: number }): ClientReadableStream<{ value: number }>;
}

const UNLIMITED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** gRPC servers, one per worker, each with its own channel. Calls go to the servers in turn. */
export class GrpcServers implements Contestant {
  readonly #servers: readonly RunningServer[];
  readonly #clients: readonly Tools[];
  readonly #turns: Turns<Tools>;

  private constructor(servers: readonly RunningServer[]) {
    const loader = loadPeer<ProtoLoader>("@grpc/proto-loader");
    const loaded = loadPackageDefinition(loader.loadSync(peerFile("peers.proto"), { defaults: true, arrays: true }));
    const Service = (loaded["peers"] as GrpcObject)["Tools"] as ServiceClientConstructor;
    this.#servers = servers;
    this.#clients = servers.map(
      ({ path }) => new Service(`unix:${path}`, credentials.createInsecure(), UNLIMITED) as unknown as Tools,
    );
    this.#turns = new Turns(this.#clients);
  }

  static async start(workers: number): Promise<GrpcServers> {
    return new GrpcServers(await startServers("grpc_server.py", workers));
  }

  get pids(): readonly number[] {
    return this.#servers.map(({ process }) => process.pid);
  }

  async add(a: number, b: number): Promise<number> {
    const client = this.#turns.next();
    return (await unary<Sum>((done) => client.Add({ a, b }, done))).value;
  }

  async visit(records: readonly Visitor[]): Promise<readonly Visitor[]> {
    const client = this.#turns.next();
    return (await unary<Visitors>((done) => client.Visit({ records }, done))).records;
  }

  async totalVisits(records: readonly Visitor[]): Promise<number> {
    const client = this.#turns.next();
    return (await unary<Sum>((done) => client.TotalVisits({ records }, done))).value;
  }

  async echo(values: Float64Array): Promise<Float64Array> {
    const client = this.#turns.next();
    return float64Of((await unary<FloatArray>((done) => client.Echo({ values: bytesOf(values) }, done))).values);
  }

  async count(to: number, each: (value: number) => void): Promise<void> {
    const stream = this.#turns.next().Count({ to });
    await new Promise<void>((resolve, reject) => {
      stream.on("data", ({ value }: { value: number }) => each(value));
      stream.on("end", resolve).on("error", reject);
    });
  }

  async work(ms: number): Promise<number> {
    const client = this.#turns.next();
    return (await unary<Duration>((done) => client.Work({ ms }, done))).ms;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    await Promise.all(this.#servers.map(({ process }) => process[Symbol.asyncDispose]()));
  }
}

function unary<T>(start: (done: (error: Error | null, response: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}
