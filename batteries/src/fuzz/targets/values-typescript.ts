import { decodeValue, encodeValue } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import { ownFootprint } from "../footprint.ts";
import { type ValueInput, valueInput } from "../inputs/value-inputs.ts";
import type { FuzzTarget, OpenTarget, TargetRun } from "../target.ts";
import { messageProblem, SLOW_MS } from "./documented-errors.ts";

/** The decoder of the host, and the encoder for what it has decoded. */
export const VALUES_TYPESCRIPT: FuzzTarget = {
  name: "values-typescript",
  about: "encoded values → decodeValue() of the host, and back through encodeValue()",
  share: 450,
  open: async (run) => new DecodedValues(run),
};

const MAX_BYTES = 1024 * 1024 * 1024;
/** Inputs between two turns of the event loop. */
const BLOCK = 1_000;

class DecodedValues implements OpenTarget {
  readonly #run: TargetRun;

  constructor(run: TargetRun) {
    this.#run = run;
  }

  async send(first: number, end: number): Promise<void> {
    for (let index = first; index < end; index++) {
      const input = valueInput(this.#run.random(index));
      const began = performance.now();
      const problem = problemOf(input);
      const tookMs = performance.now() - began;
      if (problem !== undefined) this.#run.fail(index, problem, input.body, ...input.buffers);
      else if (tookMs > SLOW_MS) {
        this.#run.fail(index, `it took ${Math.round(tookMs)} ms`, input.body, ...input.buffers);
      }
      if (index % BLOCK === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async check(): Promise<void> {
    const { body, buffers } = encodeValue({ list: [1, "two", null], data: new Uint8Array(20_000) });
    const { list } = decodeValue(body, buffers) as { list: unknown[] };
    if (list.length !== 3) throw new Error("a valid value was not decoded");
  }

  async measure() {
    return [await ownFootprint()];
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function problemOf({ body, buffers }: ValueInput): string | undefined {
  let value: unknown;
  try {
    value = decodeValue(body, buffers);
  } catch (thrown) {
    return errorProblem("decodeValue()", thrown);
  }
  let again: ReturnType<typeof encodeValue>;
  try {
    again = encodeValue(value, { maxBytes: MAX_BYTES });
  } catch (thrown) {
    return errorProblem("encodeValue()", thrown);
  }
  try {
    decodeValue(again.body, again.buffers);
  } catch (thrown) {
    return `a decoded value was encoded to bytes that cannot be decoded: ${String(thrown)}`;
  }
  return undefined;
}

function errorProblem(where: string, thrown: unknown): string | undefined {
  if (!(thrown instanceof SnakepitError)) return `${where} threw ${String(thrown)}`;
  if (thrown.code !== "SERIALIZATION") return `${where} threw ${thrown.code}: ${thrown.message}`;
  return messageProblem(thrown.message);
}
