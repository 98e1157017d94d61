import assert from "node:assert/strict";
import { GLOBAL_SCOPE } from "../../ports/state-store.ts";
import type { StateStoreCase } from "../state-store-case.ts";
import { sessionFacts } from "./comparable.ts";
import { Subject, TTL_MS } from "./subject.ts";

/** Ordered by code point; in UTF-16 order, the second to last would precede `\uffee`. */
export const BY_CODE_POINT: readonly string[] = [
  "10",
  "9",
  "A",
  "Z",
  "_",
  "a",
  "a b",
  "ab",
  "b",
  "é",
  "\uffee",
  "😀",
  "😁",
];

export const sessionListing: readonly StateStoreCase[] = [
  {
    title: "active sessions are listed by code point, page by page",
    async run(bench) {
      const subject = await Subject.of(bench);
      for (const id of BY_CODE_POINT.toReversed()) await subject.create(id);
      assert.deepEqual(await subject.idsOf(), BY_CODE_POINT);
      for (const limit of [1, 5, 1_000]) {
        const listed: string[] = [];
        for (let after: string | undefined; ; after = listed.at(-1)) {
          const page = await subject.idsOf({ after, limit });
          assert(page.length <= limit, `a page of ${limit} has ${page.length}`);
          if (page.length === 0) break;
          listed.push(...page);
        }
        assert.deepEqual(listed, BY_CODE_POINT);
      }
    },
  },
  {
    title: "a page can begin after an ID that does not exist",
    async run(bench) {
      const subject = await Subject.of(bench);
      for (const id of ["b", "d", "f"]) await subject.create(id);
      assert.deepEqual(await subject.idsOf({ after: "c" }), ["d", "f"]);
      assert.deepEqual(await subject.idsOf({ after: "d", limit: 1 }), ["f"]);
      assert.deepEqual(await subject.idsOf({ after: "" }), ["b", "d", "f"]);
      assert.deepEqual(await subject.idsOf({ after: "f" }), []);
    },
  },
  {
    title: "listed sessions have all their properties",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s", { metadata: { n: [1] }, ttlMs: Number.POSITIVE_INFINITY });
      await subject.use("s", "worker-1");
      const listed = await subject.store.listSessions({ limit: 10 }, subject.now);
      assert.deepEqual(listed.map(sessionFacts), [sessionFacts(await subject.session("s"))]);
    },
  },
  {
    title: "expired sessions do not count toward the limit of a page",
    async run(bench) {
      const subject = await Subject.of(bench);
      for (const id of ["a", "c"]) await subject.create(id, { ttlMs: 1 });
      for (const id of ["b", "d"]) await subject.create(id);
      subject.clock.advance(1);
      assert.deepEqual(await subject.idsOf({ limit: 2 }), ["b", "d"]);
    },
  },
  {
    title: "counts include active and expired sessions, and the entries of active ones",
    async run(bench) {
      const subject = await Subject.of(bench);
      const count = async () => {
        const { active, expired, entries } = await subject.store.countSessions(subject.now);
        return [active, expired, entries.variable, entries.program];
      };
      assert.deepEqual(await count(), [0, 0, 0, 0]);
      await subject.create("short", { ttlMs: 1_000 });
      await subject.create("long");
      await subject.put("short", "x", "1");
      await subject.put("short", "p", "1", { kind: "program" });
      await subject.put("long", "x", "1");
      await subject.put("long", "y", "1");
      await subject.put("long", "y", "2");
      await subject.put(GLOBAL_SCOPE, "p", "1", { kind: "program" });
      assert.deepEqual(await count(), [2, 0, 3, 2]);
      subject.clock.advance(1_000);
      assert.deepEqual(await count(), [1, 1, 2, 1]);
      await subject.delete("long", ["x", "missing"]);
      assert.deepEqual(await count(), [1, 1, 1, 1]);
      await subject.store.sweepSessions(subject.now, 10);
      assert.deepEqual(await count(), [1, 0, 1, 1]);
      subject.clock.advance(TTL_MS);
      assert.deepEqual(await count(), [0, 1, 0, 1]);
      await subject.create("long");
      assert.deepEqual(await count(), [1, 0, 0, 1]);
    },
  },
];
