import assert from "node:assert/strict";
import { GLOBAL_SCOPE } from "../../ports/state-store.ts";
import type { StateStoreCase } from "../state-store-case.ts";
import { sessionFacts } from "./comparable.ts";
import { PLENTY, Subject, TTL_MS } from "./subject.ts";

/** Different strings that databases, objects and comparisons frequently mishandle. */
export const ODD_STRINGS: readonly string[] = [
  ..."0 a A _ % * ? [a-z] \\ / . .. : ; $1".split(" "),
  ...["a'b", 'a"b', "a`b", "a ", " a", "a\tb", "a\nb", "--", "/*", "null", "undefined", "1e3", "01", "true"],
  ...["__proto__", "constructor", "toString", "hasOwnProperty"],
  ...["é", "e\u0301", "ß", "ss", "ﬁ", "I", "ı", "İ", "日本語", "\u200b", "\uffee", "😀", "👩‍👩‍👧", "\u{10ffff}"],
  "x".repeat(256),
];

export const sessionCreation: readonly StateStoreCase[] = [
  {
    title: "a new session has the given properties and the version 1",
    async run(bench) {
      const subject = await Subject.of(bench);
      const made = await subject.create("s", { metadata: { user: "ada" }, ttlMs: 5_000 });
      const { now } = subject;
      assert.deepEqual(sessionFacts(made), {
        id: "s",
        version: 1,
        metadata: { user: "ada" },
        createdAt: now,
        usedAt: now,
        ttlMs: 5_000,
        expiresAt: now + 5_000,
        lastWorker: undefined,
      });
      assert.deepEqual(sessionFacts(await subject.session("s")), sessionFacts(made));
    },
  },
  {
    title: "creating an active session again returns it unchanged, and counts as use",
    async run(bench) {
      const subject = await Subject.of(bench);
      const made = await subject.create("s", { metadata: { n: 1 } });
      await subject.use("s", "worker-1");
      subject.clock.advance(TTL_MS - 1);
      const draft = { id: "s", metadata: { n: 2 }, ttlMs: 1 };
      const creation = await subject.store.createSession(draft, subject.now, PLENTY);
      assert(creation.is === "found", `the existing session was ${creation.is}`);
      const used = { usedAt: subject.now, expiresAt: subject.now + TTL_MS, lastWorker: "worker-1" };
      assert.deepEqual(sessionFacts(creation.session), { ...sessionFacts(made), ...used });
      assert.deepEqual(sessionFacts(await subject.session("s")), sessionFacts(creation.session));
    },
  },
  {
    title: "finding a session does not decrease the time of its last use",
    async run(bench) {
      const subject = await Subject.of(bench);
      const { usedAt } = await subject.create("s");
      const draft = { id: "s", metadata: {}, ttlMs: TTL_MS };
      const creation = await subject.store.createSession(draft, usedAt - 1_000, PLENTY);
      assert(creation.is === "found", `the existing session was ${creation.is}`);
      assert.equal(creation.session.usedAt, usedAt);
      assert.equal((await subject.session("s")).expiresAt, usedAt + TTL_MS);
    },
  },
  {
    title: "a session that was never created does not exist",
    async run(bench) {
      const { store, now } = await Subject.of(bench);
      assert.equal(await store.readSession("missing"), undefined);
      assert.equal(await store.deleteSession("missing", now), false);
      const outcome = await store.writeSession("missing", { version: 1, metadata: {}, ttlMs: TTL_MS }, now);
      assert.deepEqual(outcome.is, "gone");
      assert.equal(await store.readSession("missing"), undefined);
    },
  },
  {
    title: "metadata is returned as JSON",
    async run(bench) {
      const subject = await Subject.of(bench);
      const metadata = JSON.parse(
        '{"b":[1,2.5,-1e300,null,true,{"deep":[[]]}],"a":{},"":"","__proto__":{"x":1},"ü":"\\"\\\\\\n😀\'"}',
      ) as Record<string, unknown>;
      const made = await subject.create("s", { metadata });
      assert.deepEqual(made.metadata, metadata);
      assert.deepEqual((await subject.session("s")).metadata, metadata);
      const written = await subject.change("s", { version: 1, metadata: { was: metadata }, ttlMs: TTL_MS });
      assert.deepEqual(written.metadata, { was: metadata });
      const [listed] = await subject.store.listSessions({ limit: 1 }, subject.now);
      assert.deepEqual(listed?.metadata, { was: metadata });
    },
  },
  {
    title: "any string is a valid ID, and IDs are compared by code point",
    async run(bench) {
      const subject = await Subject.of(bench);
      for (const id of ODD_STRINGS) await subject.create(id, { metadata: { id } });
      for (const id of ODD_STRINGS) {
        const session = await subject.session(id);
        assert.equal(session.id, id);
        assert.deepEqual(session.metadata, { id });
      }
      assert.deepEqual(new Set(await subject.idsOf()), new Set(ODD_STRINGS));
      for (const id of ODD_STRINGS) assert.equal(await subject.store.deleteSession(id, subject.now), true);
      assert.deepEqual(await subject.idsOf(), []);
    },
  },
  {
    title: "the global scope is not a session",
    async run(bench) {
      const subject = await Subject.of(bench);
      const { store, now } = subject;
      const kept = await subject.put(GLOBAL_SCOPE, "kept", "1");
      await store.touchSessions([{ id: GLOBAL_SCOPE, usedAt: now, lastWorker: "worker-1" }]);
      assert.equal(await store.readSession(GLOBAL_SCOPE), undefined);
      const outcome = await store.writeSession(GLOBAL_SCOPE, { version: 1, metadata: {}, ttlMs: 1 }, now);
      assert.equal(outcome.is, "gone");
      assert.equal(await store.deleteSession(GLOBAL_SCOPE, now), false);
      assert.deepEqual(await subject.idsOf(), []);
      assert.equal((await store.countSessions(now)).active, 0);
      assert.equal((await subject.entry(GLOBAL_SCOPE, "kept")).version, kept.version);
    },
  },
];
