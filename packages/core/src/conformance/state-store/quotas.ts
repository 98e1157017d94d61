import assert from "node:assert/strict";
import { GLOBAL_SCOPE } from "../../ports/state-store.ts";
import type { StateStoreCase } from "../state-store-case.ts";
import { shown, verdicts } from "./comparable.ts";
import { ATTRIBUTES, anything, Subject, TTL_MS } from "./subject.ts";

export const quotas: readonly StateStoreCase[] = [
  {
    title: "the number of active sessions is limited to the quota",
    async run(bench) {
      const subject = await Subject.of(bench);
      const { store, now } = subject;
      const create = (id: string, maxSessions: number) =>
        store.createSession({ id, metadata: {}, ttlMs: TTL_MS }, now, maxSessions);
      assert.deepEqual(await create("a", 0), { is: "over-quota", sessions: 0 });
      assert.equal((await create("a", 2)).is, "created");
      assert.equal((await create("b", 2)).is, "created");
      assert.deepEqual(await create("c", 2), { is: "over-quota", sessions: 2 });
      assert.deepEqual(await create("c", 1), { is: "over-quota", sessions: 2 });
      assert.equal(await store.readSession("c"), undefined);
      assert.equal((await create("b", 2)).is, "found", "an existing session is found at the quota too");
      assert.equal(await store.deleteSession("a", now), true);
      assert.equal((await create("c", 2)).is, "created");
    },
  },
  {
    title: "expired sessions do not count toward the quota, whether they were swept or not",
    async run(bench) {
      const subject = await Subject.of(bench);
      const create = (id: string) => subject.store.createSession({ id, metadata: {}, ttlMs: TTL_MS }, subject.now, 2);
      assert.equal((await create("a")).is, "created");
      subject.clock.advance(1);
      assert.equal((await create("b")).is, "created");
      subject.clock.advance(TTL_MS - 1);
      assert.equal((await create("c")).is, "created");
      assert.deepEqual(await create("d"), { is: "over-quota", sessions: 2 });
      assert.equal((await create("a")).is, "over-quota", "an expired session does not count toward the quota");
      subject.clock.advance(1);
      assert.equal((await create("b")).is, "created", "an expired session does not block its ID");
    },
  },
  {
    title: "the number of entries of a kind in a scope is limited to the quota, and existing ones can be overwritten",
    async run(bench) {
      const subject = await Subject.of(bench);
      const limit = { maxEntries: 2 };
      for (const scope of ["s", "s2"]) await subject.create(scope);
      assert.deepEqual(await subject.writeOne("s", anything("a", "1"), { maxEntries: 0 }), {
        is: "over-quota",
        entries: 0,
      });
      await subject.put("s", "a", "1", limit);
      await subject.put("s", "b", "1", limit);
      assert.deepEqual(await subject.writeOne("s", anything("c", "1"), limit), { is: "over-quota", entries: 2 });
      const fresh = { name: "c", value: new Uint8Array(1), attributes: ATTRIBUTES, expects: "nothing" } as const;
      assert.deepEqual(await subject.writeOne("s", fresh, limit), { is: "over-quota", entries: 2 });
      await subject.put("s", "b", "2", limit);
      await subject.put("s", "b", "3", { maxEntries: 1 });
      assert.deepEqual(shown(await subject.list("s")), ["a=1", "b=3"]);
      await subject.put("s", "c", "1", { ...limit, kind: "program" });
      await subject.put("s2", "c", "1", limit);
      await subject.put(GLOBAL_SCOPE, "c", "1", limit);
      await subject.delete("s", ["a"]);
      await subject.put("s", "c", "1", limit);
      assert.deepEqual(shown(await subject.list("s")), ["b=3", "c=1"]);
    },
  },
  {
    title: "a conflict is reported before the quota",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const write = { name: "a", value: new Uint8Array(1), attributes: ATTRIBUTES };
      for (const expects of ["something", 1] as const) {
        const outcome = await subject.writeOne("s", { ...write, expects }, { maxEntries: 0 });
        assert.equal(outcome.is, "conflict");
      }
    },
  },
  {
    title: "a non-atomic batch fills a scope up to its quota",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      await subject.put("s", "b", "old");
      const writes = ["a", "b", "c", "d"].map((name) => anything(name, "new"));
      const outcomes = await subject.write("s", writes, { maxEntries: 2 });
      assert.deepEqual(verdicts(outcomes), ["written", "written", "over-quota", "over-quota"]);
      assert.deepEqual(shown(await subject.list("s")), ["a=new", "b=new"]);
    },
  },
  {
    title: "an atomic batch that exceeds the quota is not written",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      await subject.put("s", "b", "old");
      const writes = ["a", "b", "c"].map((name) => anything(name, "new"));
      const outcomes = await subject.write("s", writes, { maxEntries: 2, atomic: true });
      assert.deepEqual(verdicts(outcomes), ["not-written", "not-written", "over-quota"]);
      assert.deepEqual(shown(await subject.list("s")), ["b=old"]);
      const fitting = await subject.write("s", writes, { maxEntries: 3, atomic: true });
      assert.deepEqual(verdicts(fitting), ["written", "written", "written"]);
    },
  },
];
