import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PYTHON, pythonFile } from "../project-files.ts";

/** Python processes at the other end of plain Unix sockets: the minimum that any bridge must do. */
export class RawSocketFloor implements AsyncDisposable {
  readonly sockets: Socket[] = [];
  readonly #processes: ChildProcess[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), "floor-"));
  readonly #server: Server = createServer();

  /** Starts `count` processes of raw_echo.py in the mode `what` and waits until each has connected. */
  static async start(count: number, what: "echo" | "echo-large" | "flood"): Promise<RawSocketFloor> {
    const floor = new RawSocketFloor();
    const path = join(floor.#directory, "floor.sock");
    await new Promise<void>((resolve) => floor.#server.listen(path, resolve));
    for (let i = 0; i < count; i++) {
      floor.#processes.push(spawn(PYTHON, [pythonFile("raw_echo.py"), path, what], { stdio: "inherit" }));
    }
    while (floor.sockets.length < count) {
      const [socket] = (await once(floor.#server, "connection")) as [Socket];
      floor.sockets.push(socket);
    }
    return floor;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(this.#processes.map((each) => (each.exitCode === null ? once(each, "exit") : undefined)));
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#directory, { recursive: true });
  }
}

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
