import { bytesOf, type Contestant, float64Of, type Visitor } from "./contestant.ts";
import { loadPeer, Turns } from "./peer-package.ts";
import { type RunningServer, startServers } from "./server-process.ts";

/** The parts of undici that are used. */
interface UndiciModule {
  readonly Pool: new (origin: string, options: { readonly socketPath: string }) => Pool;
}

interface Pool {
  request(options: {
    readonly method: "POST";
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array;
  }): Promise<{ readonly statusCode: number; readonly body: Body }>;
  close(): Promise<void>;
}

interface Body extends AsyncIterable<Buffer> {
  json(): Promise<unknown>;
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

const { Pool } = loadPeer<UndiciModule>("undici");

/** HTTP servers, one per worker, with connections that stay open. Requests go to the servers in turn. */
export class HttpServers implements Contestant {
  readonly #servers: readonly RunningServer[];
  readonly #pools: readonly Pool[];
  readonly #turns: Turns<Pool>;

  private constructor(servers: readonly RunningServer[]) {
    this.#servers = servers;
    this.#pools = servers.map(({ path }) => new Pool("http://localhost", { socketPath: path }));
    this.#turns = new Turns(this.#pools);
  }

  /** Starts a server of the Python folder of the peers for each worker. */
  static async start(file: string, workers: number): Promise<HttpServers> {
    return new HttpServers(await startServers(file, workers));
  }

  get pids(): readonly number[] {
    return this.#servers.map(({ process }) => process.pid);
  }

  async add(a: number, b: number): Promise<number> {
    return (await (await this.#postJson("/add", { a, b })).json()) as number;
  }

  async visit(records: readonly Visitor[]): Promise<readonly Visitor[]> {
    return (await (await this.#postJson("/visit", records)).json()) as readonly Visitor[];
  }

  async totalVisits(records: readonly Visitor[]): Promise<number> {
    return (await (await this.#postJson("/total_visits", records)).json()) as number;
  }

  async echo(values: Float64Array): Promise<Float64Array> {
    const body = await this.#post("/echo", "application/octet-stream", bytesOf(values));
    return float64Of(new Uint8Array(await body.arrayBuffer()));
  }

  async count(to: number, each: (value: number) => void): Promise<void> {
    const body = await this.#post(`/count?to=${to}`);
    const decoder = new TextDecoder();
    let rest = "";
    for await (const data of body) {
      const lines = (rest + decoder.decode(data, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) each(JSON.parse(line) as number);
    }
  }

  async work(ms: number): Promise<number> {
    return (await (await this.#post(`/work?ms=${ms}`)).json()) as number;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.close()));
    await Promise.all(this.#servers.map(({ process }) => process[Symbol.asyncDispose]()));
  }

  #postJson(path: string, value: unknown): Promise<Body> {
    return this.#post(path, "application/json", JSON.stringify(value));
  }

  async #post(path: string, type?: string, content?: string | Uint8Array): Promise<Body> {
    const { statusCode, body } = await this.#turns.next().request({
      method: "POST",
      path,
      ...(type === undefined ? {} : { headers: { "content-type": type } }),
      ...(content === undefined ? {} : { body: content }),
    });
    if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}: ${await body.text()}`);
    return body;
  }
}
