import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A plain Unix socket in this process that echoes everything: the minimum that a host must do to answer a worker. */
export class EchoServer implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), "floor-"));
  readonly path = join(this.#directory, "echo.sock");
  readonly #server: Server = createServer((socket) => socket.on("data", (data) => socket.write(data)));

  static async start(): Promise<EchoServer> {
    const server = new EchoServer();
    await new Promise<void>((resolve) => server.#server.listen(server.path, resolve));
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#directory, { recursive: true });
  }
}
