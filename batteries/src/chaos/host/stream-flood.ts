import type { Snakepit } from "snakepit";
import type { Random } from "../random.ts";
import type { CallLedger } from "./call-ledger.ts";

/** Streams that are read slowly. */
export interface FloodSpec {
  readonly streams: number;
  readonly blocks: number;
  /** Bytes of each block. */
  readonly size: number;
}

/** What was read. */
export interface FloodResult {
  readonly blocks: number;
  /** The largest memory of the host outside of its heap, in MiB, with all streams open. */
  readonly peakMib: number;
}

/** Reads all streams at the same time, with a pause after some blocks. Some are left early. Checks each block. */
export async function readSlowly(
  pit: Snakepit,
  ledger: CallLedger,
  { streams, blocks, size }: FloodSpec,
  random: Random,
): Promise<FloodResult> {
  let read = 0;
  let peak = 0;
  const readOne = async () => {
    const last = random.next() < 0.3 ? random.below(blocks) : blocks - 1;
    let expected = 0;
    for await (const block of pit.stream<Uint8Array>("blocks", { number: blocks, size })) {
      const position = Buffer.from(block.buffer, block.byteOffset, 4).readUInt32BE();
      if (position !== expected || block.byteLength !== size) throw new Error(`block ${position}, not ${expected}`);
      read += 1;
      peak = Math.max(peak, process.memoryUsage().external);
      if (position === last) return;
      expected += 1;
      if (random.next() < 0.2) await new Promise((resolve) => setTimeout(resolve, random.next() * 10));
    }
    throw new Error(`the stream ended after ${expected} blocks`);
  };
  await Promise.all(Array.from({ length: streams }, () => ledger.track("slow readers", readOne)));
  return { blocks: read, peakMib: peak / 2 ** 20 };
}
