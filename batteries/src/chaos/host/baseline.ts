import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Snakepit } from "snakepit";
import type { Finding } from "../checks.ts";
import { eventually, openDescriptors, residentBytes } from "../processes.ts";

const MIB = 2 ** 20;

/** The most that the heap of a host may grow after its warm-up, in MiB. */
export const HOST_GROWTH_MIB = 16;
/** The most that the resident memory of a worker may exceed the largest one after the warm-up, in MiB. */
export const WORKER_GROWTH_MIB = 32;

const collectGarbage = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

/** Descriptors and memory of a host and its workers after the warm-up. */
export class Baseline {
  readonly #descriptors: readonly string[];
  readonly #hostBytes: number;
  readonly #workerBytes: number;

  private constructor(descriptors: readonly string[], hostBytes: number, workerBytes: number) {
    this.#descriptors = descriptors;
    this.#hostBytes = hostBytes;
    this.#workerBytes = workerBytes;
  }

  static async take(pit: Snakepit | undefined): Promise<Baseline> {
    return new Baseline(openDescriptors(), await hostBytes(), workerBytes(pit));
  }

  /** Compares with the current state; waits until it is as it was. */
  async compare(pit: Snakepit | undefined): Promise<readonly Finding[]> {
    const descriptors = await eventually(() => openDescriptors().length <= this.#descriptors.length, 30_000);
    let grown = 0;
    const host = await eventually(async () => {
      grown = ((await hostBytes()) - this.#hostBytes) / MIB;
      return grown <= HOST_GROWTH_MIB;
    }, 10_000);
    const workers = (workerBytes(pit) - this.#workerBytes) / MIB;
    return [
      {
        what: "the host has no descriptor left over",
        holds: descriptors,
        detail: `${openDescriptors().length} instead of ${this.#descriptors.length}: ${this.#added()}`,
      },
      {
        what: `the memory of the host is back (within ${HOST_GROWTH_MIB} MiB)`,
        holds: host,
        detail: `${grown.toFixed(1)} MiB more`,
      },
      {
        what: `the memory of the workers is back (within ${WORKER_GROWTH_MIB} MiB)`,
        holds: workers <= WORKER_GROWTH_MIB,
        detail: `${workers.toFixed(1)} MiB more`,
      },
    ];
  }

  #added(): string {
    const before = [...this.#descriptors];
    const added = openDescriptors().filter((each) => {
      const place = before.indexOf(each);
      if (place >= 0) before.splice(place, 1);
      return place < 0;
    });
    return `new ${added.join(" ")}; closed ${before.join(" ")}`;
  }
}

async function hostBytes(): Promise<number> {
  // Finalizers run in a later turn of the event loop.
  for (let round = 0; round < 2; round++) {
    collectGarbage();
    await new Promise(setImmediate);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function workerBytes(pit: Snakepit | undefined): number {
  return Math.max(0, ...(pit?.workers() ?? []).map(({ pid }) => residentBytes(pid)));
}
