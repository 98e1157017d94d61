import assert from "node:assert/strict";
import { GLOBAL_SCOPE } from "../../ports/state-store.ts";
import type { StateStoreCase } from "../state-store-case.ts";
import { Subject, TTL_MS } from "./subject.ts";

export const sessionRemoval: readonly StateStoreCase[] = [
  {
    title: "a deleted session no longer exists, and is deleted only once",
    async run(bench) {
      const subject = await Subject.of(bench);
      const { store, now } = subject;
      await subject.create("s");
      await subject.create("other");
      assert.equal(await store.deleteSession("s", now), true);
      assert.equal(await store.readSession("s"), undefined);
      assert.equal(await store.deleteSession("s", now), false);
      const outcome = await store.writeSession("s", { version: 1, metadata: {}, ttlMs: TTL_MS }, now);
      assert.equal(outcome.is, "gone");
      await subject.use("s", "worker-1");
      assert.deepEqual(await subject.idsOf(), ["other"]);
      assert.equal((await subject.create("s")).lastWorker, undefined);
    },
  },
  {
    title: "deleting a session deletes its entries and no others",
    async run(bench) {
      const subject = await Subject.of(bench);
      for (const id of ["s", "s2"]) await subject.create(id);
      for (const scope of ["s", "s2", GLOBAL_SCOPE]) {
        await subject.put(scope, "x", "1");
        await subject.put(scope, "p", "1", { kind: "program" });
      }
      assert.equal(await subject.store.deleteSession("s", subject.now), true);
      assert.equal(await subject.read("s", ["x"]), undefined);
      assert.deepEqual((await subject.store.countSessions(subject.now)).entries, { variable: 2, program: 2 });
      await subject.create("s");
      assert.deepEqual(await subject.read("s", ["x"]), []);
      assert.deepEqual(await subject.list("s", "*", {}, "program"), []);
      for (const scope of ["s2", GLOBAL_SCOPE]) {
        await subject.entry(scope, "x");
        await subject.entry(scope, "p", "program");
      }
    },
  },
  {
    title: "a sweep deletes expired sessions up to its limit, and returns their IDs",
    async run(bench) {
      const subject = await Subject.of(bench);
      const short = ["a", "b", "c", "d", "e"];
      for (const [index, id] of short.entries()) await subject.create(id, { ttlMs: 1_000 + index });
      await subject.create("long");
      assert.deepEqual(await subject.store.sweepSessions(subject.now, 10), []);
      subject.clock.advance(1_003);
      const sweep = (limit: number) => subject.store.sweepSessions(subject.now, limit);
      const first = await sweep(3);
      assert.equal(first.length, 3);
      const second = await sweep(3);
      assert.deepEqual([...first, ...second].sort(), ["a", "b", "c", "d"]);
      assert.deepEqual(await sweep(3), []);
      for (const id of ["a", "b", "c", "d"]) assert.equal(await subject.store.readSession(id), undefined);
      subject.clock.advance(1);
      assert.deepEqual(await sweep(3), ["e"]);
      assert.deepEqual(await subject.idsOf(), ["long"]);
    },
  },
  {
    title: "a sweep deletes the entries of the swept sessions and no others",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s", { ttlMs: 1_000 });
      await subject.create("long");
      for (const scope of ["s", "long", GLOBAL_SCOPE]) await subject.put(scope, "x", "1");
      subject.clock.advance(1_000);
      assert.deepEqual(await subject.store.sweepSessions(subject.now, 10), ["s"]);
      const counts = await subject.store.countSessions(subject.now);
      assert.deepEqual([counts.active, counts.expired], [1, 0]);
      assert.deepEqual({ ...counts.entries }, { variable: 2, program: 0 });
      await subject.create("s");
      assert.deepEqual(await subject.list("s"), []);
    },
  },
  {
    title: "sweeps delete exactly the expired sessions, for any number and order of expirations",
    async run(bench) {
      const subject = await Subject.of(bench);
      const ttls = Array.from({ length: 300 }, (_, index) => 1_000 + ((index * 7_919) % 300));
      const sessions = await Promise.all(ttls.map((ttlMs) => subject.create(`s${ttlMs}`, { ttlMs })));
      const endings = new Map(sessions.map(({ id, expiresAt }) => [id, expiresAt]));
      // Some are used once more, some are deleted.
      subject.clock.advance(500);
      const used = sessions.filter(({ ttlMs }) => ttlMs % 3 === 0);
      await subject.store.touchSessions(used.map(({ id }) => ({ id, usedAt: subject.now })));
      for (const { id, ttlMs } of used) endings.set(id, subject.now + ttlMs);
      for (const { id } of sessions.filter(({ ttlMs }) => ttlMs % 5 === 0)) {
        await subject.store.deleteSession(id, subject.now);
        endings.delete(id);
      }
      while (endings.size > 0) {
        subject.clock.advance(50);
        const due = [...endings.keys()].filter((id) => Number(endings.get(id)) <= subject.now);
        const swept = await subject.store.sweepSessions(subject.now, 1_000);
        assert.deepEqual([...swept].sort(), due.sort());
        for (const id of due) endings.delete(id);
      }
      const { active, expired } = await subject.store.countSessions(subject.now);
      assert.deepEqual([active, expired], [0, 0]);
    },
  },
];
