import { SnakepitError } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MemoryStore } from "../store/memory-store.ts";
import { plainCodec } from "../testing/plain-codec.ts";
import type { SessionVariables } from "./session-variables.ts";
import { Variables } from "./variables.ts";

const RULE =
  "the name of a variable begins with a letter or a digit and goes on with letters, digits, _, - and . (ASCII), 64 at most";

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
    "an option of a batch that is misspelt",
    (wrong) => variables.setMany({ n: 1 }, wrong({ atmoic: true })),
    "the options of setMany() are { atomic: true | false }, not an object with atmoic",
  ],
  [
    "a batch that is atomic in words",
    (wrong) => variables.setMany({ n: 1 }, { atomic: wrong("yes") }),
    'the options of setMany() are { atomic: true | false }, not atomic: "yes"',
  ],
  [
    "writes by name where a list is meant",
    (wrong) => variables.writeMany(wrong({ n: 1 })),
    'writes are given as a list, such as [{ name: "temperature", value: 0.5 }], not as an object with n',
  ],
  [
    "a write that is a name alone",
    (wrong) => variables.writeMany(wrong(["n"])),
    'writes are given as a list, such as [{ name: "temperature", value: 0.5 }], not as a list with "n"',
  ],
  [
    "an option of a list of writes that is misspelt",
    (wrong) => variables.writeMany([{ name: "n", value: 1 }], wrong({ atmoic: true })),
    "the options of writeMany() are { atomic: true | false }, not an object with atmoic",
  ],
  [
    "a function that returns nothing",
    (wrong) =>
      variables.update(
        "n",
        wrong(() => {}),
      ),
    'variable "n" takes an integer, not undefined',
  ],
  [
    "a variable without a type",
    (wrong) => variables.register("m", wrong({ value: 1 })),
    'variable "m": there is no type undefined; use one of string, integer, float, boolean, choice, module, embedding, tensor',
  ],
  [
    "a signal that is none",
    async (wrong) => variables.watch("n", { signal: wrong("soon") }),
    'signal is "soon", not an AbortSignal',
  ],
  [
    "a signal that stands alone",
    async (wrong) => variables.watch("n", wrong(new AbortController().signal)),
    "the options of watch() are { signal }, not the AbortSignal itself",
  ],
  [
    "a signal under a name that is misspelt",
    async (wrong) => variables.watch("n", wrong({ sginal: AbortSignal.abort() })),
    "the options of watch() are { signal }, not an object with sginal",
  ],
  [
    "null for the options of a watch",
    async (wrong) => variables.watch("n", wrong(null)),
    "the options of watch() are { signal }, not null",
  ],
  [
    "a set of names",
    async (wrong) => variables.watch(wrong(new Set(["n"]))),
    'watch() takes the name of a variable, a list of names, or a pattern such as "model.*", not an object of class Set',
  ],
  [
    "no names at all",
    async () => variables.watch([]),
    "names of watch() must not be empty; name a variable, or omit the names to watch all",
  ],
  ["a name that no variable can have", async () => variables.watch("bad/name"), `${RULE}; "bad/name" is none`],
  [
    "a regular expression",
    async () => variables.watch("^model\\..*"),
    'no variable can have a name that matches "^model\\\\..*": names begin with a letter or a digit and go on with letters, digits, _, - and . (ASCII); in a pattern * stands for any text and ? for one character',
  ],
])("%s: the message says what is wanted, and nothing is written", async (_, call, message) => {
  const error = await call((value) => value as never).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SnakepitError);
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message });
  expect(await variables.describe("n")).toMatchObject({ value: 0, version: 1 });
});
