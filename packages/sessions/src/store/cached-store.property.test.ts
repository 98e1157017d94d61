import type { EntryWrite, StateChange, StateStore } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ControlledStore } from "../testing/controlled-store.ts";
import { CachedStore } from "./cached-store.ts";

const STALE_MS = 100;

const STEP = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ is: "another host writes" as const }) },
  { weight: 2, arbitrary: fc.constant({ is: "write" as const }) },
  {
    weight: 6,
    arbitrary: fc.record({ is: fc.constant("read" as const), names: fc.subarray(["x", "y"], { minLength: 1 }) }),
  },
  { weight: 4, arbitrary: fc.constant({ is: "an answer arrives" as const }) },
  { weight: 4, arbitrary: fc.constant({ is: "an answer overtakes others" as const }) },
  { weight: 3, arbitrary: fc.constant({ is: "a change is reported" as const }) },
  { weight: 1, arbitrary: fc.constant({ is: "a change gets lost" as const }) },
  { weight: 1, arbitrary: fc.constant({ is: "the store is connected again" as const }) },
  { weight: 3, arbitrary: fc.record({ is: fc.constant("time passes" as const), ms: fc.nat(60) }) },
);

/** Two variables that are written together; their value counts the writes. Checks the result of each read. */
class Race {
  readonly #clock = new FakeClock();
  readonly #store = new ControlledStore();
  readonly #cached = new CachedStore(this.#store, {
    clock: this.#clock,
    maxStaleMs: STALE_MS,
    monotonicMs: () => this.#clock.now(),
  });
  /** The time of the write of each value. */
  readonly #writtenAt: number[] = [];
  /** Changes that were not reported yet, with the value at that time. */
  readonly #unreported: { readonly change: StateChange; readonly value: number }[] = [];
  /** The latest value of each variable that this host wrote, was notified of or has read. */
  readonly #known: Record<string, number> = { x: 0, y: 0 };
  readonly reads: Promise<void>[] = [];

  async begin(): Promise<void> {
    this.#store.isMuted = true;
    await this.#store.others.createSession({ id: "s", metadata: {}, ttlMs: Infinity }, this.#clock.now(), 1);
    await this.#write(this.#store.others);
    this.#store.others.onChange((change) => this.#unreported.push({ change, value: this.#writtenAt.length - 1 }));
    await this.#cached.readSession("s");
    this.#store.hold();
  }

  async step(step: typeof STEP extends fc.Arbitrary<infer Step> ? Step : never): Promise<void> {
    switch (step.is) {
      case "another host writes":
        await this.#write(this.#store.others);
        break;
      case "write":
        await this.#write(this.#cached);
        this.#knows(["x", "y"], this.#writtenAt.length - 1);
        break;
      case "read":
        this.reads.push(this.#read(step.names));
        break;
      case "an answer arrives":
        this.#store.releaseOne();
        break;
      case "an answer overtakes others":
        this.#store.releaseNewest();
        break;
      case "a change is reported":
        this.#notify();
        break;
      case "a change gets lost":
        this.#unreported.shift();
        break;
      case "the store is connected again":
        this.#unreported.length = 0;
        this.#store.report({ is: "everything" });
        this.#knows(["x", "y"], this.#writtenAt.length - 1);
        break;
      case "time passes":
        this.#clock.advance(step.ms);
        break;
    }
    // Process received answers before the next step.
    await new Promise(setImmediate);
  }

  async end(): Promise<void> {
    this.#store.release();
    await Promise.all(this.reads);
    await this.#cached.close();
  }

  #notify(): void {
    const reported = this.#unreported.shift();
    if (reported === undefined) return;
    this.#store.report(reported.change);
    this.#knows(["x", "y"], reported.value);
  }

  #knows(names: readonly string[], value: number): void {
    for (const name of names) this.#known[name] = Math.max(this.#known[name] ?? 0, value);
  }

  async #write(store: StateStore): Promise<void> {
    this.#writtenAt.push(this.#clock.now());
    const value = Uint8Array.of(this.#writtenAt.length - 1);
    const writes = ["x", "y"].map((name): EntryWrite => ({ name, value, attributes: "{}", expects: "anything" }));
    const batch = { scope: "s", kind: "variable", writes, author: "a", atomic: true, maxEntries: 2 } as const;
    await store.writeEntries(batch, this.#clock.now());
  }

  async #read(names: readonly string[]): Promise<void> {
    const known = { ...this.#known };
    const began = this.#clock.now();
    const entries = (await this.#cached.readEntries("s", "variable", names, began)) ?? [];
    expect(entries.map(({ name }) => name)).toEqual(names);
    for (const { name, value } of entries) {
      const read = value[0] ?? -1;
      expect(read, "older than what was known when the read began").toBeGreaterThanOrEqual(known[name] ?? 0);
      const overwrittenAt = this.#writtenAt[read + 1] ?? Infinity;
      expect(overwrittenAt, "more stale than allowed").toBeGreaterThan(began - STALE_MS);
      this.#knows([name], read);
    }
  }
}

test("no read returns a value older than known at its start, or more stale than allowed, under any race", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 60, size: "max" }), async (steps) => {
      const race = new Race();
      await race.begin();
      for (const step of steps) await race.step(step);
      await race.end();
    }),
    { numRuns: 1000 },
  );
});
