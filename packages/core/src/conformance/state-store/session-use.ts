import assert from "node:assert/strict";
import type { StateStoreCase } from "../state-store-case.ts";
import { sessionFacts } from "./comparable.ts";
import { Subject, TTL_MS } from "./subject.ts";

export const sessionUse: readonly StateStoreCase[] = [
  {
    title: "a use extends a session, and records its worker",
    async run(bench) {
      const subject = await Subject.of(bench);
      const made = await subject.create("s");
      subject.clock.advance(TTL_MS - 1);
      await subject.use("s", "worker-1");
      const used = { usedAt: subject.now, expiresAt: subject.now + TTL_MS, lastWorker: "worker-1" };
      assert.deepEqual(sessionFacts(await subject.session("s")), { ...sessionFacts(made), ...used });
      subject.clock.advance(TTL_MS - 1);
      assert.deepEqual(await subject.store.sweepSessions(subject.now, 10), []);
      assert.deepEqual(await subject.idsOf(), ["s"]);
      subject.clock.advance(1);
      assert.deepEqual(await subject.idsOf(), []);
    },
  },
  {
    title: "a use that is earlier than the recorded one is ignored, including its worker",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      subject.clock.advance(1_000);
      await subject.use("s", "worker-1");
      const before = sessionFacts(await subject.session("s"));
      await subject.store.touchSessions([{ id: "s", usedAt: subject.now - 1, lastWorker: "worker-2" }]);
      assert.deepEqual(sessionFacts(await subject.session("s")), before);
    },
  },
  {
    title: "a use in the same millisecond as the last one sets the worker of the session",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      await subject.use("s", "worker-1");
      assert.equal((await subject.session("s")).lastWorker, "worker-1");
      await subject.use("s", "worker-2");
      assert.equal((await subject.session("s")).lastWorker, "worker-2");
    },
  },
  {
    title: "a use without a worker does not change the last worker",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      await subject.use("s", "worker-1");
      subject.clock.advance(5);
      await subject.use("s");
      const { lastWorker, usedAt } = await subject.session("s");
      assert.deepEqual([lastWorker, usedAt], ["worker-1", subject.now]);
    },
  },
  {
    title: "several uses are recorded in one call, including those of one session, in any order",
    async run(bench) {
      const subject = await Subject.of(bench);
      const ids = Array.from({ length: 200 }, (_, index) => `s${index}`);
      for (const id of ids) await subject.create(id);
      const start = subject.now;
      const uses = ids.flatMap((id, index) => {
        const pair = [
          { id, usedAt: start + 10, lastWorker: "early" },
          { id, usedAt: start + 20 + index, lastWorker: `late-${index}` },
        ];
        return index % 2 === 0 ? pair : pair.reverse();
      });
      await subject.store.touchSessions(uses);
      for (const [index, id] of ids.entries()) {
        const { usedAt, lastWorker } = await subject.session(id);
        assert.deepEqual([id, usedAt, lastWorker], [id, start + 20 + index, `late-${index}`]);
      }
      await subject.store.touchSessions([]);
    },
  },
  {
    title: "a use of a session that had expired at that time, or does not exist, is ignored",
    async run(bench) {
      const subject = await Subject.of(bench);
      const expired = await subject.create("expired", { ttlMs: 1_000 });
      await subject.create("alive", { ttlMs: 5_000 });
      subject.clock.advance(1_000);
      await subject.store.touchSessions(
        ["missing", "expired", "alive"].map((id) => ({ id, usedAt: subject.now, lastWorker: "worker-1" })),
      );
      assert.equal(await subject.store.readSession("missing"), undefined);
      assert.deepEqual(sessionFacts(await subject.session("expired")), sessionFacts(expired));
      assert.equal((await subject.session("alive")).expiresAt, subject.now + 5_000);
    },
  },
  {
    title: "a use before the expiry counts, even if it is recorded after it",
    async run(bench) {
      const subject = await Subject.of(bench);
      const { createdAt } = await subject.create("s", { ttlMs: 1_000 });
      await subject.put("s", "x", "1");
      subject.clock.advance(1_500);
      assert.equal((await subject.store.countSessions(subject.now)).active, 0);
      await subject.store.touchSessions([{ id: "s", usedAt: createdAt + 999 }]);
      assert.deepEqual(await subject.idsOf(), ["s"]);
      assert.equal((await subject.read("s", ["x"]))?.length, 1);
      const { active, expired } = await subject.store.countSessions(subject.now);
      assert.deepEqual([active, expired], [1, 0]);
      subject.clock.advance(499);
      assert.deepEqual(await subject.store.sweepSessions(subject.now, 10), ["s"]);
    },
  },
];
