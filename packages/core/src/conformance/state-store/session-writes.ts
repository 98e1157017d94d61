import assert from "node:assert/strict";
import type { StateStoreCase } from "../state-store-case.ts";
import { sessionFacts } from "./comparable.ts";
import { Subject, TTL_MS } from "./subject.ts";

export const sessionWrites: readonly StateStoreCase[] = [
  {
    title: "a session with the expected version is changed, which does not count as use",
    async run(bench) {
      const subject = await Subject.of(bench);
      const made = await subject.create("s", { metadata: { n: 1, dropped: true } });
      await subject.use("s", "worker-1");
      subject.clock.advance(1_000);
      const written = await subject.change("s", { version: 1, metadata: { n: 2 }, ttlMs: 2 * TTL_MS });
      assert.deepEqual(sessionFacts(written), {
        ...sessionFacts(made),
        version: 2,
        metadata: { n: 2 },
        ttlMs: 2 * TTL_MS,
        expiresAt: made.usedAt + 2 * TTL_MS,
        lastWorker: "worker-1",
      });
      assert.deepEqual(sessionFacts(await subject.session("s")), sessionFacts(written));
      assert.equal((await subject.change("s", { version: 2, metadata: {}, ttlMs: TTL_MS })).version, 3);
    },
  },
  {
    title: "a session with another version is returned unchanged",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s", { metadata: { n: 1 } });
      const current = await subject.change("s", { version: 1, metadata: { n: 2 }, ttlMs: TTL_MS });
      for (const version of [0, 1, 3]) {
        const write = { version, metadata: { n: 99 }, ttlMs: 1 };
        const outcome = await subject.store.writeSession("s", write, subject.now);
        assert(outcome.is === "conflict", `a write that expected version ${version} of 2 was ${outcome.is}`);
        assert.deepEqual(sessionFacts(outcome.session), sessionFacts(current));
      }
      assert.deepEqual(sessionFacts(await subject.session("s")), sessionFacts(current));
    },
  },
  {
    title: "use does not change the version of a session",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      subject.clock.advance(1);
      await subject.use("s", "worker-1");
      assert.equal((await subject.session("s")).version, 1);
      assert.equal((await subject.change("s", { version: 1, metadata: {}, ttlMs: TTL_MS })).version, 2);
    },
  },
  {
    title: "writing entries of a session does not change the session",
    async run(bench) {
      const subject = await Subject.of(bench);
      const made = await subject.create("s");
      subject.clock.advance(1);
      await subject.put("s", "x", "1");
      await subject.delete("s", ["x"]);
      assert.deepEqual(sessionFacts(await subject.session("s")), sessionFacts(made));
    },
  },
];
