import assert from "node:assert/strict";
import type { EntryWrite } from "../../ports/state-store.ts";
import type { StateStoreCase } from "../state-store-case.ts";
import { bytesOf, entryFacts, shown } from "./comparable.ts";
import { ATTRIBUTES, anything, Subject } from "./subject.ts";

function write(expects: EntryWrite["expects"], value = "new"): EntryWrite {
  return { name: "x", value: bytesOf(value), attributes: ATTRIBUTES, expects };
}

export const entryWrites: readonly StateStoreCase[] = [
  {
    title: "a new entry has the written properties, a version and no previous value",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const attributes = '{ "type" : "float", "min": 0.50 }';
      const outcome = await subject.writeOne("s", { ...write("nothing", "1"), attributes }, { author: "worker-1" });
      assert(outcome.is === "written", `the entry was not written: ${outcome.is}`);
      const { now } = subject;
      assert.deepEqual(entryFacts(outcome.entry), {
        name: "x",
        value: "1",
        attributes,
        version: outcome.entry.version,
        createdAt: now,
        updatedAt: now,
        updatedBy: "worker-1",
        previous: undefined,
      });
      const { entry } = outcome;
      assert(Number.isSafeInteger(entry.version) && entry.version > 0, `version ${entry.version} is a whole number`);
      const read = await subject.entry("s", "x");
      assert.deepEqual([entryFacts(read), read.revision], [entryFacts(entry), entry.revision]);
    },
  },
  {
    title: "a write increases the version and keeps the previous value",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const start = subject.now;
      const { version } = await subject.put("s", "x", "1", { author: "host" });
      subject.clock.advance(10);
      await subject.put("s", "x", "2", { author: "worker-1" });
      subject.clock.advance(10);
      const third = await subject.put("s", "x", "3", { author: "client" });
      const expected = {
        name: "x",
        value: "3",
        attributes: ATTRIBUTES,
        version: version + 2,
        createdAt: start,
        updatedAt: start + 20,
        updatedBy: "client",
        previous: { value: "2", version: version + 1, updatedAt: start + 10, updatedBy: "worker-1" },
      };
      assert.deepEqual(entryFacts(third), expected);
      assert.deepEqual(entryFacts(await subject.entry("s", "x")), expected);
    },
  },
  {
    title: "a write replaces the attributes, unless it has none",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      await subject.put("s", "x", "1");
      const without: EntryWrite = { name: "x", value: bytesOf("2"), expects: "something" };
      const kept = await subject.writeOne("s", without);
      assert(kept.is === "written" && kept.entry.attributes === ATTRIBUTES, "attributes that are not named stay");
      assert.equal((await subject.entry("s", "x")).attributes, ATTRIBUTES);
      const { version } = kept.entry;
      const byVersion = await subject.writeOne("s", { ...without, attributes: undefined, expects: version });
      assert(byVersion.is === "written" && byVersion.entry.attributes === ATTRIBUTES, "undefined names none");
      await subject.writeOne("s", { ...without, attributes: '{"a":"ü%\'"}' });
      assert.equal((await subject.entry("s", "x")).attributes, '{"a":"ü%\'"}');
    },
  },
  {
    title: "an existing entry is written if anything, something or its version was expected",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const { version } = await subject.put("s", "x", "1");
      for (const [index, expects] of (["anything", "something", version + 2] as const).entries()) {
        const outcome = await subject.writeOne("s", write(expects));
        assert(outcome.is === "written", `expecting ${expects}: ${outcome.is}`);
        assert.equal(outcome.entry.version, version + index + 1);
      }
    },
  },
  {
    title: "an existing entry is returned unchanged if nothing or another version was expected",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      await subject.put("s", "x", "1");
      const current = await subject.put("s", "x", "2");
      const { version } = current;
      for (const expects of ["nothing", 0, version - 1, version + 1] as const) {
        const outcome = await subject.writeOne("s", write(expects));
        assert(outcome.is === "conflict" && outcome.entry !== undefined, `expecting ${expects}: ${outcome.is}`);
        assert.deepEqual(entryFacts(outcome.entry), entryFacts(current));
        assert.equal(outcome.entry.revision, current.revision);
      }
      assert.deepEqual(entryFacts(await subject.entry("s", "x")), entryFacts(current));
    },
  },
  {
    title: "a missing entry is only written if anything or nothing was expected",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      for (const expects of ["something", 0, 1, 2] as const) {
        const outcome = await subject.writeOne("s", write(expects));
        assert(outcome.is === "conflict" && outcome.entry === undefined, `expecting ${expects}: ${outcome.is}`);
      }
      assert.deepEqual(await subject.read("s", ["x"]), []);
      for (const expects of ["anything", "nothing"] as const) {
        const outcome = await subject.writeOne("s", write(expects));
        assert(outcome.is === "written" && outcome.entry.previous === undefined, `expecting ${expects}: ${outcome.is}`);
        await subject.delete("s", ["x"]);
      }
    },
  },
  {
    title: "a write to a missing session fails",
    async run(bench) {
      const subject = await Subject.of(bench);
      assert.deepEqual(await subject.write("missing", [anything("x", "1"), anything("y", "1")]), [
        { is: "gone" },
        { is: "gone" },
      ]);
      assert.equal(await subject.read("missing", ["x"]), undefined);
      assert.equal(await subject.list("missing"), undefined);
      assert.equal(await subject.delete("missing", ["x"]), undefined);
      await subject.create("missing");
      assert.deepEqual(await subject.list("missing"), []);
    },
  },
  {
    title: "an entry that was deleted and created again has no previous value, a higher version and a higher revision",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      await subject.put("s", "x", "1");
      const old = await subject.put("s", "x", "2");
      await subject.delete("s", ["x"]);
      const recreated = await subject.put("s", "x", "3");
      assert.equal(recreated.previous, undefined);
      assert(recreated.version > old.version, `version ${recreated.version} follows ${old.version}`);
      assert(recreated.revision > old.revision, `revision ${recreated.revision} follows ${old.revision}`);
    },
  },
  {
    title: "a write that expects the version of a deleted entry cannot change a new entry with its name",
    async run(bench) {
      const [one, other] = [await Subject.of(bench), await Subject.of(bench)];
      const recreations = [
        () => one.delete("s", ["x", "y"]),
        async () => {
          await one.store.deleteSession("s", one.now);
          await one.create("s");
        },
      ];
      await one.create("s");
      await one.write("s", [anything("x", "old"), anything("y", "old")]);
      for (const isGone of recreations) {
        const read = await other.put("s", "x", "read");
        await isGone();
        // More writes than the old entry has had. In a batch with others, because entries can be created in both ways.
        for (const value of ["1", "2", "3", "4", "5", "6"]) {
          await one.write("s", [anything("x", value), anything("y", value)]);
          const outcome = await other.writeOne("s", { ...anything("x", "late"), expects: read.version });
          assert(outcome.is === "conflict", `it was ${outcome.is}`);
          assert.deepEqual(shown(await one.read("s", ["x"])), [`x=${value}`]);
        }
      }
    },
  },
  {
    title: "the revision increases with every write to the store, including other entries, scopes and sessions",
    async run(bench) {
      const [one, other] = [await Subject.of(bench), await Subject.of(bench)];
      for (const id of ["s", "s2"]) await one.create(id);
      const revisions = [
        (await one.put("s", "x", "1")).revision,
        (await other.put("s", "x", "1")).revision,
        (await one.put("s", "y", "1")).revision,
        (await other.put("s2", "x", "1", { kind: "program" })).revision,
      ];
      await one.store.deleteSession("s", one.now);
      await one.create("s");
      revisions.push((await one.put("s", "x", "1")).revision, (await one.put("", "x", "1")).revision);
      const growing = [...new Set(revisions)].sort((a, b) => a - b);
      assert.deepEqual(revisions, growing);
      assert(revisions.every(Number.isSafeInteger), "revisions are whole numbers");
    },
  },
  {
    title: "deleting returns the deleted entries unchanged",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      await subject.put("s", "x", "1");
      const x = await subject.put("s", "x", "2");
      const y = await subject.put("s", "y", "1");
      await subject.put("s", "z", "1");
      await subject.put("s", "x", "of another kind", { kind: "program" });
      const deleted = await subject.delete("s", ["y", "missing", "x"]);
      const facts = deleted?.map(entryFacts).sort((a, b) => (a.name < b.name ? -1 : 1));
      assert.deepEqual(facts, [entryFacts(x), entryFacts(y)]);
      assert.deepEqual(shown(await subject.list("s")), ["z=1"]);
      assert.deepEqual(await subject.delete("s", ["x"]), []);
      assert.deepEqual(await subject.delete("s", []), []);
      await subject.entry("s", "x", "program");
    },
  },
];
