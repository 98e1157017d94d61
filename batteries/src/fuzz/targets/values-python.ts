import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Footprint } from "../footprint.ts";
import { type ValueInput, valueInput } from "../inputs/value-inputs.ts";
import { PYTHON, PYTHON_SOURCES, pythonFile } from "../project-files.ts";
import type { FuzzTarget, OpenTarget, TargetRun } from "../target.ts";
import { SLOW_MS } from "./documented-errors.ts";

/** The decoder of workers, and the encoder for what it has decoded. */
export const VALUES_PYTHON: FuzzTarget = {
  name: "values-python",
  about: "encoded values → decode() of a worker, and back through encode()",
  share: 450,
  open: async (run) => new PythonValues(run),
};

/** Inputs that are sent together. */
const BLOCK = 500;

/** What the Python program reports about a block. */
interface BlockReport {
  /** The place of an input in the block, and what is wrong. */
  readonly problems: readonly (readonly [place: number, problem: string])[];
  readonly rssBytes: number;
  readonly descriptors: number;
}

type Decoder = ChildProcessByStdio<Writable, Readable, null>;

class PythonValues implements OpenTarget {
  readonly #run: TargetRun;
  #decoder: DecoderProcess | undefined;

  constructor(run: TargetRun) {
    this.#run = run;
  }

  async send(first: number, end: number): Promise<void> {
    for (let from = first; from < end; from += BLOCK) {
      const inputs = Array.from({ length: Math.min(BLOCK, end - from) }, (_, place) =>
        valueInput(this.#run.random(from + place)),
      );
      const report = await this.#report(inputs);
      if (report === undefined) await this.#sendSingly(from, inputs);
      else for (const [place, problem] of report.problems) this.#fail(from + place, problem, inputs[place]);
    }
  }

  async check(): Promise<void> {
    const nothing = await this.#report([{ body: Buffer.from([0xc0]), buffers: [] }]);
    if (nothing?.problems.length !== 0) throw new Error("a valid value was not decoded");
  }

  async measure(): Promise<readonly Footprint[]> {
    const report = await this.#report([]);
    if (report === undefined) throw new Error("the decoder has exited");
    return [{ of: "Python process", rssBytes: report.rssBytes, descriptors: report.descriptors }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#decoder?.close();
  }

  /** Finds the input of a block that has ended the process. */
  async #sendSingly(first: number, inputs: readonly ValueInput[]): Promise<void> {
    for (const [place, input] of inputs.entries()) {
      const report = await this.#report([input]);
      if (report === undefined) this.#fail(first + place, "the process of the decoder died", input);
      else for (const [, problem] of report.problems) this.#fail(first + place, problem, input);
    }
  }

  /** Returns `undefined` if the process has died. */
  #report(inputs: readonly ValueInput[]): Promise<BlockReport | undefined> {
    if (this.#decoder === undefined || this.#decoder.hasEnded) this.#decoder = new DecoderProcess();
    return this.#decoder.report(inputs);
  }

  #fail(index: number, problem: string, input: ValueInput | undefined): void {
    this.#run.fail(index, problem, ...(input === undefined ? [] : [input.body, ...input.buffers]));
  }
}

/** A Python process that decodes values. */
class DecoderProcess {
  hasEnded = false;
  readonly #process: Decoder;
  readonly #lines: Interface;
  readonly #exited: Promise<unknown>;

  constructor() {
    const environment = { ...process.env, PYTHONPATH: PYTHON_SOURCES };
    this.#process = spawn(PYTHON, [pythonFile("decode_values.py"), String(SLOW_MS)], {
      env: environment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = createInterface(this.#process.stdout);
    // The process may die while it is written to.
    this.#process.stdin.on("error", () => {});
    this.#exited = once(this.#process, "close").then(() => {
      this.hasEnded = true;
    });
  }

  async report(inputs: readonly ValueInput[]): Promise<BlockReport | undefined> {
    const line = once(this.#lines, "line") as Promise<[string]>;
    this.#process.stdin.write(encodedBlock(inputs));
    const answered = await Promise.race([line, this.#exited.then(() => undefined)]);
    return answered === undefined ? undefined : (JSON.parse(answered[0]) as BlockReport);
  }

  async close(): Promise<void> {
    this.#process.stdin.end();
    await this.#exited;
  }
}

/** Encodes a block: the number of inputs, and for each the number of its parts, and the parts with their lengths. */
function encodedBlock(inputs: readonly ValueInput[]): Buffer {
  const parts: Buffer[] = [uint32(inputs.length)];
  for (const { body, buffers } of inputs) {
    parts.push(uint32(1 + buffers.length));
    for (const part of [body, ...buffers]) parts.push(uint32(part.byteLength), part);
  }
  return Buffer.concat(parts);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
