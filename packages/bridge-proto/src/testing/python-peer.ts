import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { EncodedValue } from "@snakepit/core";

const PROGRAM = fileURLToPath(
  new URL("../../../python-bridge/python/tests/values/round_trip_peer.py", import.meta.url),
);
const ENVIRONMENT = fileURLToPath(new URL("../../../../.venv/", import.meta.url));

/** A received value with its encoding. */
export interface ReceivedValue {
  readonly body: Uint8Array;
  readonly buffers: readonly Uint8Array[];
}

/** A Python process that encodes and decodes values. */
export class PythonPeer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #exit: Promise<unknown[]>;
  #received = Buffer.alloc(0);
  #errorText = "";

  /** @param args the arguments of the program: `echo`, or `ask COUNT SEED`. */
  constructor(...args: readonly string[]) {
    const python =
      process.env["SNAKEPIT_PYTHON"] ??
      `${ENVIRONMENT}${process.platform === "win32" ? "Scripts/python.exe" : "bin/python"}`;
    this.#process = spawn(python, [PROGRAM, ...args]);
    this.#exit = once(this.#process, "close");
    this.#chunks = this.#process.stdout[Symbol.asyncIterator]();
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errorText += text;
    });
  }

  send({ body, buffers }: EncodedValue): void {
    const head = Buffer.alloc(8 + 4 * buffers.length);
    head.writeUInt32BE(body.length, 0);
    head.writeUInt32BE(buffers.length, 4);
    for (const [index, buffer] of buffers.entries()) head.writeUInt32BE(buffer.length, 8 + 4 * index);
    for (const part of [head, body, ...buffers]) this.#process.stdin.write(part);
  }

  /** Resolves with the next value; undefined at the end. */
  async receive(): Promise<ReceivedValue | undefined> {
    const head = await this.#read(8);
    if (head === undefined) return undefined;
    const lengths = (await this.#read(4 * head.readUInt32BE(4))) ?? Buffer.alloc(0);
    const body = (await this.#read(head.readUInt32BE(0))) ?? Buffer.alloc(0);
    const buffers: Buffer[] = [];
    for (let at = 0; at < lengths.length; at += 4) {
      buffers.push((await this.#read(lengths.readUInt32BE(at))) ?? Buffer.alloc(0));
    }
    return { body, buffers };
  }

  /** Closes the input and waits for the exit of the process; rejects with its stderr if it failed. */
  async close(): Promise<void> {
    this.#process.stdin.end();
    const [status] = await this.#exit;
    if (status !== 0) throw new Error(`the Python peer ended with status ${status}: ${this.#errorText}`);
  }

  async #read(length: number): Promise<Buffer | undefined> {
    while (this.#received.length < length) {
      const chunk = await this.#chunks.next();
      if (chunk.done === true) return undefined;
      this.#received = Buffer.concat([this.#received, chunk.value]);
    }
    const bytes = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return bytes;
  }
}
