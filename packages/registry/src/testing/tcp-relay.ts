import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "@snakepit/core/testing/free-port";

/** A relay between a client and a server, with which a test can break their connections. */
export class TcpRelay {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  private constructor(target: { readonly host: string; readonly port: number }, port: number) {
    this.#target = target;
    this.#port = port;
  }

  /** Starts a relay to the server of a URL. */
  static async to(url: string): Promise<TcpRelay> {
    const { hostname, port } = new URL(url);
    const relay = new TcpRelay({ host: hostname, port: Number(port) }, await freePort());
    await relay.restore();
    return relay;
  }

  /** Returns the URL with the address of the relay. */
  through(url: string): string {
    return Object.assign(new URL(url), { host: `127.0.0.1:${this.#port}` }).href;
  }

  /** Closes all connections, and accepts new ones. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Closes all connections, and rejects new ones. */
  async break(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = once(server.close(), "close");
    this.cut();
    await closed;
  }

  /** Accepts new connections again. */
  async restore(): Promise<void> {
    this.#server = createServer((client) => this.#relay(client)).listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  /** Keeps the open connections without forwarding data. */
  silence(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  #relay(client: Socket): void {
    const server = connect(this.#target);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on("data", (data) => to.write(data));
      // When one side ends, the other one is closed.
      from.on("error", () => from.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
