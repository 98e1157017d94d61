import type { EntryWrite, StateChange, StateStore } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ControlledStore } from "../testing/controlled-store.ts";
import { CachedStore } from "./cached-store.ts";

const STALE_MS = 100;

const STEP = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ is: "others write" as const }) },
  { weight: 2, arbitrary: fc.constant({ is: "write" as const }) },
  { weight: 6, arbitrary: fc.constant({ is: "read" as const }) },
  { weight: 4, arbitrary: fc.constant({ is: "an answer arrives" as const }) },
  { weight: 3, arbitrary: fc.constant({ is: "a change is told" as const }) },
  { weight: 1, arbitrary: fc.constant({ is: "a change gets lost" as const }) },
  { weight: 3, arbitrary: fc.record({ is: fc.constant("time passes" as const), ms: fc.nat(60) }) },
);

/** A variable whose value is the number of times that it was written, and what any read of it has to know. */
class Race {
  readonly #clock = new FakeClock();
  readonly #store = new ControlledStore();
  readonly #cached = new CachedStore(this.#store, {
    clock: this.#clock,
    maxStaleMs: STALE_MS,
    monotonicMs: () => this.#clock.now(),
  });
  /** When each value was written. */
  readonly #writtenAt: number[] = [];
  /** Changes that were not told yet, with the value that there was. */
  readonly #untold: { readonly change: StateChange; readonly value: number }[] = [];
  /** The latest value that this host wrote, or was told of. */
  #known = 0;
  readonly reads: Promise<void>[] = [];

  async begin(): Promise<void> {
    this.#store.isMuted = true;
    await this.#store.others.createSession({ id: "s", metadata: {}, ttlMs: Infinity }, this.#clock.now(), 1);
    await this.#write(this.#store.others);
    this.#store.others.onChange((change) => this.#untold.push({ change, value: this.#writtenAt.length - 1 }));
    this.#store.hold();
  }

  async step(step: typeof STEP extends fc.Arbitrary<infer Step> ? Step : never): Promise<void> {
    switch (step.is) {
      case "others write":
        await this.#write(this.#store.others);
        break;
      case "write":
        await this.#write(this.#cached);
        this.#known = this.#writtenAt.length - 1;
        break;
      case "read":
        this.reads.push(this.#read());
        break;
      case "an answer arrives":
        this.#store.releaseOne();
        break;
      case "a change is told":
        this.#tell();
        break;
      case "a change gets lost":
        this.#untold.shift();
        break;
      case "time passes":
        this.#clock.advance(step.ms);
        break;
    }
    // What has arrived is heard of before anything else happens.
    await new Promise(setImmediate);
  }

  async end(): Promise<void> {
    this.#store.release();
    await Promise.all(this.reads);
    await this.#cached.close();
  }

  #tell(): void {
    const told = this.#untold.shift();
    if (told === undefined) return;
    this.#store.tell(told.change);
    this.#known = Math.max(this.#known, told.value);
  }

  async #write(store: StateStore): Promise<void> {
    this.#writtenAt.push(this.#clock.now());
    const value = Uint8Array.of(this.#writtenAt.length - 1);
    const write: EntryWrite = { name: "x", value, attributes: "{}", expects: "anything" };
    const batch = { scope: "s", kind: "variable", writes: [write], author: "a", atomic: false, maxEntries: 1 } as const;
    await store.writeEntries(batch, this.#clock.now());
  }

  async #read(): Promise<void> {
    const known = this.#known;
    const began = this.#clock.now();
    const entries = await this.#cached.readEntries("s", "variable", ["x"], began);
    const value = entries?.[0]?.value[0] ?? -1;
    expect(value, "older than what was known when the read began").toBeGreaterThanOrEqual(known);
    const overwrittenAt = this.#writtenAt[value + 1] ?? Infinity;
    expect(overwrittenAt, "staler than it may be").toBeGreaterThan(began - STALE_MS);
  }
}

test("no read is older than what was known when it began, or staler than it may be, whatever races with it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 60 }), async (steps) => {
      const race = new Race();
      await race.begin();
      for (const step of steps) await race.step(step);
      await race.end();
    }),
    { numRuns: 300 },
  );
});
