import { FakeClock, stateStoreConformance } from "@snakepit/core/conformance";
import { describe, expect, test } from "vitest";
import { MemoryStore } from "./memory-store.ts";

describe("the store in memory", () => {
  test.each(stateStoreConformance)("conforms: $title", async ({ run }) => {
    const store = new MemoryStore();
    await run({ clock: new FakeClock(), open: async () => store });
    await store.close();
  });

  test("has a kind", () => {
    expect(new MemoryStore()).toMatchObject({ kind: "memory", shared: false });
  });
});
