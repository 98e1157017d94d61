import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { decodeValue, encodeValue, PayloadFormat } from "@snakepit/bridge-proto";
import { BridgeServiceClient } from "@snakepit/gateway/grpc";
import { PYTHON, pythonFile } from "../project-files.ts";

/** The obvious alternative: each worker is a gRPC server, and each call is a unary request. */
export class UnaryGrpcBaseline implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), "unary-"));
  readonly #servers: ChildProcess[] = [];
  readonly #clients: BridgeServiceClient[] = [];
  #next = 0;

  static async start(count: number): Promise<UnaryGrpcBaseline> {
    const baseline = new UnaryGrpcBaseline();
    for (let i = 0; i < count; i++) {
      const path = join(baseline.#directory, `${i}.sock`);
      const server = spawn(PYTHON, [pythonFile("unary_server.py"), path], { stdio: ["pipe", "pipe", "inherit"] });
      baseline.#servers.push(server);
      await once(server.stdout, "data");
      baseline.#clients.push(new BridgeServiceClient(`unix:${path}`, credentials.createInsecure()));
    }
    return baseline;
  }

  /** Calls the next server in turn with the arguments `{ value }`. */
  call(value: unknown): Promise<unknown> {
    this.#next = (this.#next + 1) % this.#clients.length;
    const client = this.#clients[this.#next];
    const args = encodeValue({ value });
    return new Promise((resolve, reject) => {
      client?.executeTool(
        {
          tool: "echo",
          args: { format: PayloadFormat.MESSAGEPACK, body: args.body, bufferLengths: [] },
          pool: "",
          attachments: [],
          sessionId: undefined,
          metadata: {},
        },
        (error, response) =>
          error === null ? resolve(decodeValue(response.value?.body ?? new Uint8Array(), [])) : reject(error),
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    for (const server of this.#servers) {
      server.stdin?.end();
      if (server.exitCode === null) await once(server, "exit");
    }
    rmSync(this.#directory, { recursive: true });
  }
}
