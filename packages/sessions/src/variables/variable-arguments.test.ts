import { SnakepitError } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MemoryStore } from "../store/memory-store.ts";
import { plainCodec } from "../testing/plain-codec.ts";
import type { SessionVariables } from "./session-variables.ts";
import { Variables } from "./variables.ts";

let store: MemoryStore;
let host: Variables;
let variables: SessionVariables;

beforeEach(async () => {
  const clock = new FakeClock();
  store = new MemoryStore();
  host = new Variables({ store, codec: plainCodec, clock, maxVariablesPerSession: 10 });
  variables = host.of("s-1");
  await store.createSession({ id: "s-1", metadata: {}, ttlMs: 60_000 }, clock.now(), 10);
  await variables.register("n", { type: "integer", value: 0 });
});
afterEach(async () => {
  host.close();
  await store.close();
});

test.each<[string, (wrong: (value: unknown) => never) => Promise<unknown>, string]>([
  [
    "one name to read where several are meant",
    (wrong) => variables.getMany(wrong("n")),
    'names of variables are given as a list, such as ["temperature"], not as "n"',
  ],
  [
    "one name to describe where several are meant",
    (wrong) => variables.describeMany(wrong("n")),
    'names of variables are given as a list, such as ["temperature"], not as "n"',
  ],
  [
    "one name to delete where several are meant",
    (wrong) => variables.deleteMany(wrong("n")),
    'names of variables are given as a list, such as ["temperature"], not as "n"',
  ],
  [
    "values that have no names",
    (wrong) => variables.setMany(wrong([["n", 1]])),
    "values of variables are given by name, such as { temperature: 0.5 }, not as a list",
  ],
  [
    "a value in place of a function",
    (wrong) => variables.update("n", wrong(5)),
    'variable "n": update() takes a function of the present value, not 5; to write a value, use set()',
  ],
  [
    "an option that is misspelt",
    (wrong) => variables.set("n", 1, wrong({ versoin: 7 })),
    'variable "n": the options of set() are { version }, not an object with versoin',
  ],
  [
    "a version that stands alone",
    (wrong) => variables.set("n", 1, wrong(7)),
    'variable "n": the options of set() are { version }, not 7',
  ],
  [
    "a signal that is none",
    async (wrong) => variables.watch("n", { signal: wrong("soon") }),
    'signal is "soon", not an AbortSignal',
  ],
])("%s: the message says what is wanted, and nothing is written", async (_, call, message) => {
  const error = await call((value) => value as never).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SnakepitError);
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message });
  expect(await variables.describe("n")).toMatchObject({ value: 0, version: 1 });
});
