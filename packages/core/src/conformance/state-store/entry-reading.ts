import assert from "node:assert/strict";
import { ENTRY_KINDS, GLOBAL_SCOPE } from "../../ports/state-store.ts";
import type { StateStoreCase } from "../state-store-case.ts";
import { entryFacts, namesOf, shown } from "./comparable.ts";
import { ODD_STRINGS } from "./session-creation.ts";
import { BY_CODE_POINT } from "./session-listing.ts";
import { Subject, TTL_MS } from "./subject.ts";

export const entryReading: readonly StateStoreCase[] = [
  {
    title: "entries are read in the order of the names, without missing ones",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      for (const name of ["b", "a", "é", "😀", "\uffee"]) await subject.put("s", name, "1");
      const read = await subject.read("s", ["😀", "é", "missing", "\uffee", "b", "a"]);
      assert.deepEqual(namesOf(read), ["a", "b", "é", "\uffee", "😀"]);
      assert.deepEqual(namesOf(await subject.read("s", ["b"])), ["b"]);
      assert.deepEqual(await subject.read("s", ["missing"]), []);
      assert.deepEqual(await subject.read("s", []), []);
    },
  },
  {
    title: "the same name in another kind or scope is another entry",
    async run(bench) {
      const subject = await Subject.of(bench);
      const scopes = ["s", "S", GLOBAL_SCOPE];
      for (const id of ["s", "S"]) await subject.create(id);
      for (const scope of scopes) {
        for (const kind of ENTRY_KINDS) await subject.put(scope, "x", `${kind} of ${scope}`, { kind });
      }
      for (const scope of scopes) {
        for (const kind of ENTRY_KINDS) {
          assert.deepEqual(shown(await subject.read(scope, ["x"], kind)), [`x=${kind} of ${scope}`]);
          assert.deepEqual(shown(await subject.list(scope, "*", {}, kind)), [`x=${kind} of ${scope}`]);
        }
      }
      await subject.delete("s", ["x"], "program");
      assert.deepEqual(shown(await subject.read("s", ["x"])), ["x=variable of s"]);
      assert.deepEqual(shown(await subject.read("S", ["x"], "program")), ["x=program of S"]);
    },
  },
  {
    title: "entries of the global scope never expire, and the scope is not a session",
    async run(bench) {
      const subject = await Subject.of(bench);
      const entry = await subject.put(GLOBAL_SCOPE, "x", "1", { kind: "program" });
      subject.clock.advance(1_000 * 365 * 86_400_000);
      assert.deepEqual(await subject.store.sweepSessions(subject.now, 10), []);
      assert.deepEqual(entryFacts(await subject.entry(GLOBAL_SCOPE, "x", "program")), entryFacts(entry));
      assert.deepEqual(namesOf(await subject.list(GLOBAL_SCOPE, "*", {}, "program")), ["x"]);
      assert.deepEqual(await subject.idsOf(), []);
      const { active, expired } = await subject.store.countSessions(subject.now);
      assert.deepEqual([active, expired], [0, 0]);
      assert.equal((await subject.delete(GLOBAL_SCOPE, ["x"], "program"))?.length, 1);
      assert.deepEqual(await subject.list(GLOBAL_SCOPE, "*", {}, "program"), []);
    },
  },
  {
    title: "the global scope exists before the first write",
    async run(bench) {
      const subject = await Subject.of(bench);
      assert.deepEqual(await subject.read(GLOBAL_SCOPE, ["x"]), []);
      assert.deepEqual(await subject.list(GLOBAL_SCOPE), []);
      assert.deepEqual(await subject.delete(GLOBAL_SCOPE, ["x"]), []);
    },
  },
  {
    title: "entries are listed by code point, page by page",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      for (const name of BY_CODE_POINT.toReversed()) await subject.put("s", name, "1");
      assert.deepEqual(namesOf(await subject.list("s")), BY_CODE_POINT);
      for (const limit of [1, 4, 1_000]) {
        const listed: string[] = [];
        for (let after: string | undefined; ; after = listed.at(-1)) {
          const page = namesOf(await subject.list("s", "*", { after, limit })) ?? [];
          assert(page.length <= limit, `a page of ${limit} has ${page.length}`);
          if (page.length === 0) break;
          listed.push(...page);
        }
        assert.deepEqual(listed, BY_CODE_POINT);
      }
      assert.deepEqual(namesOf(await subject.list("s", "*", { after: "aa", limit: 2 })), ["ab", "b"]);
    },
  },
  {
    title: "any string is a valid name, and names are compared by code point",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      await subject.write(
        "s",
        ODD_STRINGS.map((name, index) => ({
          name,
          value: new Uint8Array([index]),
          attributes: JSON.stringify({ name }),
          expects: "nothing",
        })),
      );
      for (const [index, name] of ODD_STRINGS.entries()) {
        const { value, attributes } = await subject.entry("s", name);
        assert.deepEqual([name, value[0], attributes], [name, index, JSON.stringify({ name })]);
      }
      assert.equal((await subject.read("s", ODD_STRINGS))?.length, ODD_STRINGS.length);
      assert.deepEqual(new Set(namesOf(await subject.list("s"))), new Set(ODD_STRINGS));
      assert.equal((await subject.delete("s", ODD_STRINGS))?.length, ODD_STRINGS.length);
    },
  },
  {
    title: "a handle reads the writes of another one",
    async run(bench) {
      const [one, other] = [await Subject.of(bench), await Subject.of(bench)];
      await one.create("s", { metadata: { n: 1 } });
      const entry = await one.put("s", "x", "1");
      assert.deepEqual((await other.session("s")).metadata, { n: 1 });
      assert.deepEqual(entryFacts(await other.entry("s", "x")), entryFacts(entry));
      await other.put("s", "x", "2");
      assert.equal(await other.store.deleteSession("s", other.now), true);
      await one.create("s", { ttlMs: TTL_MS });
      assert.deepEqual(await other.list("s"), []);
    },
  },
];
