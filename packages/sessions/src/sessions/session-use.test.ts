import { GLOBAL_SCOPE } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import { beforeEach, expect, test } from "vitest";
import { Programs } from "../programs/programs.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { plainCodec } from "../testing/memory-host.ts";
import { WriteTurns } from "../updates/write-turns.ts";
import { Variables } from "../variables/variables.ts";

let uses: string[];
let options: ConstructorParameters<typeof Variables>[0] & ConstructorParameters<typeof Programs>[0];

beforeEach(async () => {
  uses = [];
  const clock = new FakeClock();
  const store = new MemoryStore();
  await store.createSession({ id: "s", metadata: {}, ttlMs: 1_000 }, clock.now(), 10);
  const limits = { maxVariablesPerSession: 10, maxProgramsPerSession: 10, maxGlobalPrograms: 10 };
  options = { store, clock, codec: plainCodec, turns: new WriteTurns(), used: (id) => uses.push(id), ...limits };
});

test("reading or writing variables counts as use of their session, but watching them does not", async () => {
  const host = new Variables(options);
  const variables = host.of("s");
  await variables.register("n", { type: "integer", value: 1 });
  for (const use of [
    () => variables.get("n"),
    () => variables.set("n", 2),
    () => variables.list(),
    () => variables.delete("n"),
  ]) {
    uses.length = 0;
    await use();
    expect(new Set(uses)).toEqual(new Set(["s"]));
  }
  uses.length = 0;
  const watch = variables.watch();
  const first = watch.next();
  await options.store.writeEntries(
    {
      scope: "s",
      kind: "variable",
      writes: [{ name: "m", value: plainCodec.encode(1, ""), attributes: attributes, expects: "nothing" }],
      author: "another host",
      atomic: true,
      maxEntries: 10,
    },
    options.clock.now(),
  );
  expect((await first).value).toMatchObject({ name: "m" });
  await watch.return();
  expect(uses).toEqual([]);
  host.close();
});

const attributes = JSON.stringify({ type: "integer", constraints: {}, metadata: {} });

test("reading or writing programs counts as use of their session; global programs count for none", async () => {
  const programs = new Programs(options, "s");
  await programs.store("p", 1);
  await programs.get("p");
  await programs.list();
  await programs.delete("p");
  expect(new Set(uses)).toEqual(new Set(["s"]));
  uses.length = 0;
  await new Programs(options, GLOBAL_SCOPE).store("p", 1);
  expect(uses).toEqual([]);
});
