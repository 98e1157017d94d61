import assert from "node:assert/strict";
import type { StateStoreCase } from "../state-store-case.ts";
import { sessionFacts } from "./comparable.ts";
import { anything, Subject, TTL_MS } from "./subject.ts";

export const sessionExpiry: readonly StateStoreCase[] = [
  {
    title: "a session expires exactly at its expiry time",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      subject.clock.advance(TTL_MS - 1);
      assert.deepEqual(await subject.idsOf(), ["s"]);
      await subject.put("s", "x", "1");
      assert.equal((await subject.read("s", ["x"]))?.length, 1);
      subject.clock.advance(1);
      assert.deepEqual(await subject.idsOf(), []);
      assert.equal(await subject.read("s", ["x"]), undefined);
    },
  },
  {
    title: "an expired session can be read, but not used, changed or written to",
    async run(bench) {
      const subject = await Subject.of(bench);
      const made = await subject.create("s", { metadata: { n: 1 } });
      await subject.put("s", "x", "1");
      subject.clock.advance(TTL_MS);
      const { store, now } = subject;
      await subject.use("s", "worker-1");
      const written = await store.writeSession("s", { version: 1, metadata: { n: 2 }, ttlMs: 2 * TTL_MS }, now);
      assert.equal(written.is, "gone");
      assert.deepEqual(
        await subject.write("s", [anything("x", "2"), anything("y", "2")], { atomic: true }),
        [{ is: "gone" }, { is: "gone" }],
        "no write to an expired session has an effect",
      );
      assert.deepEqual(await subject.write("s", [anything("x", "2")]), [{ is: "gone" }]);
      assert.equal(await subject.read("s", ["x"]), undefined);
      assert.equal(await subject.list("s"), undefined);
      assert.equal(await subject.delete("s", ["x"]), undefined);
      assert.deepEqual(sessionFacts(await subject.session("s")), sessionFacts(made));
      assert.deepEqual(await subject.idsOf(), []);
    },
  },
  {
    title: "creating a session with the ID of an expired one creates a new one without the old entries",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s", { metadata: { old: true } });
      await subject.use("s", "worker-1");
      await subject.change("s", { version: 1, metadata: { old: true, more: 1 }, ttlMs: TTL_MS });
      await subject.put("s", "x", "old");
      await subject.put("s", "p", "old", { kind: "program" });
      subject.clock.advance(TTL_MS);
      const made = await subject.create("s", { ttlMs: 7_000 });
      assert.deepEqual(sessionFacts(made), {
        id: "s",
        version: 1,
        metadata: {},
        createdAt: subject.now,
        usedAt: subject.now,
        ttlMs: 7_000,
        expiresAt: subject.now + 7_000,
        lastWorker: undefined,
      });
      assert.deepEqual(sessionFacts(await subject.session("s")), sessionFacts(made));
      assert.deepEqual(await subject.list("s"), []);
      assert.deepEqual(await subject.list("s", "*", {}, "program"), []);
      assert.equal((await subject.put("s", "x", "new")).previous, undefined);
    },
  },
  {
    title: "deleting an expired session removes it, and reports that it was not active",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      subject.clock.advance(TTL_MS);
      assert.equal(await subject.store.deleteSession("s", subject.now), false);
      assert.equal(await subject.store.readSession("s"), undefined);
      assert.equal((await subject.store.countSessions(subject.now)).expired, 0);
    },
  },
  {
    title: "a session with an infinite time to live never expires",
    async run(bench) {
      const subject = await Subject.of(bench);
      const made = await subject.create("s", { ttlMs: Number.POSITIVE_INFINITY });
      assert.equal(made.ttlMs, Number.POSITIVE_INFINITY);
      assert.equal(made.expiresAt, Number.POSITIVE_INFINITY);
      subject.clock.advance(1_000 * 365 * 86_400_000);
      await subject.use("s");
      assert.equal((await subject.session("s")).usedAt, subject.now);
      assert.deepEqual(await subject.idsOf(), ["s"]);
      assert.deepEqual(await subject.store.sweepSessions(subject.now, 10), []);
      assert.equal((await subject.store.countSessions(subject.now)).active, 1);
    },
  },
  {
    title: "a changed time to live starts at the last use, and can expire the session",
    async run(bench) {
      const subject = await Subject.of(bench);
      const { usedAt } = await subject.create("s", { ttlMs: Number.POSITIVE_INFINITY });
      subject.clock.advance(1_000);
      const shorter = await subject.change("s", { version: 1, metadata: {}, ttlMs: 1_500 });
      assert.equal(shorter.expiresAt, usedAt + 1_500);
      const longer = await subject.change("s", { version: 2, metadata: {}, ttlMs: 5_000 });
      assert.equal(longer.expiresAt, usedAt + 5_000);
      subject.clock.advance(1_000);
      assert.deepEqual(await subject.idsOf(), ["s"]);
      await subject.change("s", { version: 3, metadata: {}, ttlMs: 2_000 });
      assert.deepEqual(await subject.idsOf(), []);
      const gone = await subject.store.writeSession("s", { version: 4, metadata: {}, ttlMs: TTL_MS }, subject.now);
      assert.equal(gone.is, "gone");
      assert.deepEqual(await subject.store.sweepSessions(subject.now, 10), ["s"]);
    },
  },
  {
    title: "a store uses the given time, even if it goes backward",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("short", { ttlMs: 1_000 });
      await subject.create("long", { ttlMs: 10_000 });
      const { store, now } = subject;
      assert.equal((await store.countSessions(now + 1_000)).active, 1);
      const before = await store.countSessions(now);
      assert.deepEqual([before.active, before.expired], [2, 0]);
      assert.deepEqual(await store.sweepSessions(now, 10), []);
      assert.deepEqual(await subject.idsOf(), ["long", "short"]);
      const creation = await store.createSession({ id: "third", metadata: {}, ttlMs: 1_000 }, now, 2);
      assert.equal(creation.is, "over-quota");
    },
  },
];
