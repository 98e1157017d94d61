import { readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a process occupies. */
export interface Footprint {
  /** The process: `host`, `worker`. */
  readonly of: string;
  readonly rssBytes: number;
  /** The bytes in use on the heap and next to it, of a process that separates them from free memory. */
  readonly heapBytes?: number;
  readonly descriptors: number;
}

/** How much more a process may use after the inputs than after the warm-up, in bytes. */
const ALLOWED_BYTES = 32 * 1024 * 1024;
/** The same for the resident memory of Node.js, whose allocator keeps much of what was freed. */
const ALLOWED_NODE_RSS_BYTES = 256 * 1024 * 1024;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Measures this process after a garbage collection. */
export async function ownFootprint(): Promise<Footprint> {
  // Closed connections release their handles in later turns of the event loop.
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { of: "host", rssBytes: rss, heapBytes: heapUsed + external, descriptors: openDescriptors() };
}

/** The number of open descriptors of this process, without the one that reads the list. */
function openDescriptors(): number {
  return readdirSync("/dev/fd").length - 1;
}

/** Returns what is wrong after the inputs; `undefined` if everything is back within its bound. */
export function growthProblem(before: Footprint, after: Footprint): string | undefined {
  const used = (after.heapBytes ?? after.rssBytes) - (before.heapBytes ?? before.rssBytes);
  if (used > ALLOWED_BYTES) return `the ${after.of} uses ${megabytes(used)} more than after the warm-up`;
  const grown = after.rssBytes - before.rssBytes;
  if (grown > ALLOWED_NODE_RSS_BYTES) return `the ${after.of} occupies ${megabytes(grown)} more than after the warm-up`;
  const opened = after.descriptors - before.descriptors;
  if (opened > 0) return `the ${after.of} has ${opened} more open descriptors than after the warm-up`;
  return undefined;
}

/** Returns bytes as a number of mebibytes with its unit. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
