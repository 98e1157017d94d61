import { FakeClock } from "@snakepit/core/conformance";
import { expect, test } from "vitest";
import { MemoryStore } from "../store/memory-store.ts";
import { plainCodec } from "../testing/plain-codec.ts";
import { Variables } from "./variables.ts";

test("the returned constraints of a variable cannot be modified, nor shared state of a variable with equal constraints", async () => {
  const clock = new FakeClock();
  const store = new MemoryStore();
  await store.createSession({ id: "s", metadata: {}, ttlMs: 60_000 }, clock.now(), 1);
  const host = new Variables({ store, codec: plainCodec, clock, maxVariablesPerSession: 10 });
  const variables = host.of("s");
  const draft = { type: "choice", value: "a", constraints: { choices: ["a", "b"] } } as const;
  for (const name of ["first", "second"]) await variables.register(name, draft);

  for (const described of [await variables.describe("first"), await variables.describe("first")]) {
    expect(() => (described.constraints.choices as string[]).push("c")).toThrow(TypeError);
    expect(() => Object.assign(described.constraints, { choices: undefined })).toThrow(TypeError);
  }
  for (const name of ["first", "second"]) {
    await expect(variables.set(name, "c")).rejects.toMatchObject({ details: { reason: "choice" } });
    expect((await variables.describe(name)).constraints).toEqual({ choices: ["a", "b"] });
  }
  host.close();
  await store.close();
});
