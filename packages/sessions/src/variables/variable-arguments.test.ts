import { SnakepitError } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MemoryStore } from "../store/memory-store.ts";
import { plainCodec } from "../testing/memory-host.ts";
import { WriteTurns } from "../updates/write-turns.ts";
import type { SessionVariables } from "./session-variables.ts";
import { Variables } from "./variables.ts";

const RULE =
  'the name of a variable must be 1 to 64 letters, digits, "_", "-" or "." (ASCII) and begin with a letter or digit';

let store: MemoryStore;
let host: Variables;
let variables: SessionVariables;

beforeEach(async () => {
  const clock = new FakeClock();
  store = new MemoryStore();
  host = new Variables({ store, codec: plainCodec, turns: new WriteTurns(), clock, maxVariablesPerSession: 10 });
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
    "one name to read instead of an array",
    (wrong) => variables.getMany(wrong("n")),
    'names of variables must be an array of strings, such as ["temperature"]; got "n"',
  ],
  [
    "one name to describe instead of an array",
    (wrong) => variables.describeMany(wrong("n")),
    'names of variables must be an array of strings, such as ["temperature"]; got "n"',
  ],
  [
    "one name to delete instead of an array",
    (wrong) => variables.deleteMany(wrong("n")),
    'names of variables must be an array of strings, such as ["temperature"]; got "n"',
  ],
  [
    "values without names",
    (wrong) => variables.setMany(wrong([["n", 1]])),
    "values of variables must be an object by name, such as { temperature: 0.5 }; got an array",
  ],
  [
    "a value instead of a function",
    (wrong) => variables.update("n", wrong(5)),
    'variable "n": the argument of update() must be a function of the current value; got 5; to write a value, use set()',
  ],
  [
    "a misspelled option",
    (wrong) => variables.set("n", 1, wrong({ versoin: 7 })),
    'variable "n": the options of set() must be { version }; got an object with versoin',
  ],
  [
    "a version instead of options",
    (wrong) => variables.set("n", 1, wrong(7)),
    'variable "n": the options of set() must be { version }; got 7',
  ],
  [
    "a misspelled option of a batch",
    (wrong) => variables.setMany({ n: 1 }, wrong({ atmoic: true })),
    "the options of setMany() must be { atomic: true | false }; got an object with atmoic",
  ],
  [
    "a string as atomic",
    (wrong) => variables.setMany({ n: 1 }, { atomic: wrong("yes") }),
    'the options of setMany() must be { atomic: true | false }; got atomic: "yes"',
  ],
  [
    "writes by name instead of an array",
    (wrong) => variables.writeMany(wrong({ n: 1 })),
    'writes must be an array, such as [{ name: "temperature", value: 0.5 }]; got an object with n',
  ],
  [
    "a name instead of a write",
    (wrong) => variables.writeMany(wrong(["n"])),
    'writes must be an array, such as [{ name: "temperature", value: 0.5 }]; got an array with "n"',
  ],
  [
    "a misspelled option of an array of writes",
    (wrong) => variables.writeMany([{ name: "n", value: 1 }], wrong({ atmoic: true })),
    "the options of writeMany() must be { atomic: true | false }; got an object with atmoic",
  ],
  [
    "a function that returns nothing",
    (wrong) =>
      variables.update(
        "n",
        wrong(() => {}),
      ),
    'variable "n" must be an integer; got undefined',
  ],
  [
    "a variable without a type",
    (wrong) => variables.register("m", wrong({ value: 1 })),
    'variable "m": type must be one of string, integer, float, boolean, choice, module, embedding, tensor; got undefined',
  ],
  [
    "an invalid signal",
    async (wrong) => variables.watch("n", { signal: wrong("soon") }),
    'signal must be an AbortSignal; got "soon"',
  ],
  [
    "a signal instead of options",
    async (wrong) => variables.watch("n", wrong(new AbortController().signal)),
    "the options of watch() must be { signal }; got the AbortSignal itself",
  ],
  [
    "a signal under a misspelled name",
    async (wrong) => variables.watch("n", wrong({ sginal: AbortSignal.abort() })),
    "the options of watch() must be { signal }; got an object with sginal",
  ],
  [
    "null as the options of a watch",
    async (wrong) => variables.watch("n", wrong(null)),
    "the options of watch() must be { signal }; got null",
  ],
  [
    "a set of names",
    async (wrong) => variables.watch(wrong(new Set(["n"]))),
    'watch() requires the name of a variable, an array of names, or a pattern such as "model.*"; got an object of class Set',
  ],
  [
    "an empty array of names",
    async () => variables.watch([]),
    "names of watch() must not be empty; name a variable, or omit the names to watch all",
  ],
  ["an invalid name", async () => variables.watch("bad/name"), `${RULE}; got "bad/name"`],
  [
    "a regular expression",
    async () => variables.watch("^model\\..*"),
    'no name of a variable can match "^model\\\\..*"; names are letters, digits, "_", "-" and "." (ASCII) and begin with a letter or digit; in a pattern "*" matches any characters and "?" one',
  ],
])("%s: the message names the expected form, and nothing is written", async (_, call, message) => {
  const error = await call((value) => value as never).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SnakepitError);
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message });
  expect(await variables.describe("n")).toMatchObject({ value: 0, version: 1 });
});
