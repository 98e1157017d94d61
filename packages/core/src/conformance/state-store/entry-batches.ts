import assert from "node:assert/strict";
import type { StateStoreCase } from "../state-store-case.ts";
import { bytesOf, entryFacts, shown, verdicts } from "./comparable.ts";
import { ATTRIBUTES, anything, Subject } from "./subject.ts";

export const entryBatches: readonly StateStoreCase[] = [
  {
    title: "a batch has one outcome for each write, in the order of the writes",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const names = ["c", "a", "b"];
      const outcomes = await subject.write(
        "s",
        names.map((name) => anything(name, `value of ${name}`)),
      );
      const entries = outcomes.map((outcome) => {
        assert(outcome.is === "written", `a write was not made: ${outcome.is}`);
        return outcome.entry;
      });
      assert.deepEqual(shown(entries), ["c=value of c", "a=value of a", "b=value of b"]);
      assert.deepEqual(await subject.write("s", []), []);
      assert.deepEqual(await subject.write("s", [], { atomic: true }), []);
    },
  },
  {
    title: "each write of a non-atomic batch succeeds or fails separately",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const a = await subject.put("s", "a", "old");
      const c = await subject.put("s", "c", "old");
      const outcomes = await subject.write("s", [
        { ...anything("a", "new"), expects: a.version },
        { ...anything("b", "new"), expects: "something" },
        { ...anything("c", "new"), expects: c.version + 7 },
        { ...anything("d", "new"), expects: "nothing" },
      ]);
      assert.deepEqual(verdicts(outcomes), ["written", "conflict", "conflict", "written"]);
      const [, absent, present] = outcomes;
      assert(absent?.is === "conflict" && absent.entry === undefined, "entry b does not exist");
      assert(present?.is === "conflict" && present.entry !== undefined, "entry c exists");
      assert.deepEqual(entryFacts(present.entry), entryFacts(c));
      assert.deepEqual(shown(await subject.list("s")), ["a=new", "c=old", "d=new"]);
    },
  },
  {
    title: "an atomic batch is written completely",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const { version } = await subject.put("s", "a", "old");
      const batch = [{ name: "a", value: bytesOf("new"), expects: version } as const, anything("b", "new")];
      const outcomes = await subject.write("s", batch, { atomic: true, author: "worker-1" });
      assert.deepEqual(verdicts(outcomes), ["written", "written"]);
      const [a, b] = [await subject.entry("s", "a"), await subject.entry("s", "b")];
      assert.deepEqual([a.version, a.updatedBy, a.attributes], [version + 1, "worker-1", ATTRIBUTES]);
      assert.deepEqual([b.previous, b.updatedBy], [undefined, "worker-1"]);
    },
  },
  {
    title: "an atomic batch with failed writes is not written, and each failed write has its reason",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const a = await subject.put("s", "a", "old");
      const c = await subject.put("s", "c", "old");
      const outcomes = await subject.write(
        "s",
        [
          anything("a", "new"),
          { ...anything("b", "new"), expects: 1 },
          { ...anything("c", "new"), expects: "nothing" },
          anything("d", "new"),
        ],
        { atomic: true },
      );
      assert.deepEqual(verdicts(outcomes), ["not-written", "conflict", "conflict", "not-written"]);
      const present = outcomes[2];
      assert(
        present?.is === "conflict" && present.entry?.version === c.version,
        "a conflict contains the current entry",
      );
      assert.deepEqual(shown(await subject.list("s")), ["a=old", "c=old"]);
      assert.deepEqual(entryFacts(await subject.entry("s", "a")), entryFacts(a));
    },
  },
  {
    title: "a batch of a thousand entries can be written, read and deleted",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const names = Array.from({ length: 1_000 }, (_, index) => `name-${String(index).padStart(4, "0")}`);
      const writes = names.map((name) => anything(name, name));
      const outcomes = await subject.write("s", writes, { atomic: true });
      assert(
        outcomes.every(({ is }) => is === "written"),
        "every write was made",
      );
      const read = await subject.read("s", names.toReversed());
      assert.deepEqual(
        shown(read),
        names.map((name) => `${name}=${name}`),
      );
      assert.equal((await subject.delete("s", names))?.length, 1_000);
      assert.deepEqual(await subject.list("s"), []);
    },
  },
];
