import assert from "node:assert/strict";
import type { EntryRecord, SessionRecord } from "../../ports/state-store.ts";
import type { StateStoreCase } from "../state-store-case.ts";
import { bytesOf, entryFacts, sessionFacts } from "./comparable.ts";
import { ATTRIBUTES, anything, PLENTY, Subject, TTL_MS } from "./subject.ts";

/** Changes a value in place, like careless code. A store may return values that cannot be changed. */
function overwrite(what: object): void {
  for (const key of Object.keys(what)) {
    const value: unknown = Reflect.get(what, key);
    if (typeof value === "object" && value !== null) overwrite(value);
    else Reflect.set(what, key, "changed");
  }
  Reflect.set(what, "changed", true);
}

function overwriteBytes({ value, previous }: EntryRecord): void {
  value.fill(0x21);
  previous?.value.fill(0x21);
}

export const isolation: readonly StateStoreCase[] = [
  {
    title: "changes of the argument of a creation or write of a session do not affect the store",
    async run(bench) {
      const subject = await Subject.of(bench);
      const draft = { id: "s", metadata: { list: [1, { deep: true }] }, ttlMs: TTL_MS };
      await subject.store.createSession(draft, subject.now, PLENTY);
      overwrite(draft);
      assert.deepEqual((await subject.session("s")).metadata, { list: [1, { deep: true }] });
      const write = { version: 1, metadata: { list: [2, { deep: true }] }, ttlMs: TTL_MS };
      await subject.store.writeSession("s", write, subject.now);
      overwrite(write);
      assert.deepEqual((await subject.session("s")).metadata, { list: [2, { deep: true }] });
    },
  },
  {
    title: "changes of a returned session do not affect the store",
    async run(bench) {
      const subject = await Subject.of(bench);
      const metadata = { list: [1, { deep: true }] };
      await subject.create("s", { metadata });
      await subject.use("s", "worker-1");
      const first = await subject.session("s");
      const expected = structuredClone(sessionFacts(first));
      overwrite(first);
      const { store, now } = subject;
      const returned: readonly (() => Promise<SessionRecord | undefined>)[] = [
        () => store.readSession("s"),
        async () => (await store.listSessions({ limit: 1 }, now))[0],
        async () => {
          const creation = await store.createSession({ id: "s", metadata: {}, ttlMs: 1 }, now, PLENTY);
          return creation.is === "over-quota" ? undefined : creation.session;
        },
        async () => {
          const outcome = await store.writeSession("s", { version: 7, metadata: {}, ttlMs: 1 }, now);
          return outcome.is === "gone" ? undefined : outcome.session;
        },
      ];
      for (const each of returned) {
        const session = await each();
        assert(session !== undefined, "the session exists");
        overwrite(session);
        assert.deepEqual(sessionFacts(await subject.session("s")), expected);
      }
      overwrite(await subject.change("s", { version: 1, metadata, ttlMs: TTL_MS }));
      assert.deepEqual(sessionFacts(await subject.session("s")), { ...expected, version: 2 });
    },
  },
  {
    title: "changes of the bytes of a write do not affect the store",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const [first, second] = [bytesOf("first"), bytesOf("second")];
      const write = { name: "x", value: first, attributes: ATTRIBUTES, expects: "anything" } as const;
      await subject.write("s", [write]);
      first.fill(0x21);
      assert.equal(entryFacts(await subject.entry("s", "x")).value, "first");
      await subject.write("s", [{ ...write, value: second }]);
      second.fill(0x21);
      const { value, previous } = entryFacts(await subject.entry("s", "x"));
      assert.deepEqual([value, previous?.value], ["second", "first"]);
    },
  },
  {
    title: "changes of a returned entry do not affect the store",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      await subject.put("s", "x", "first");
      overwriteBytes(await subject.put("s", "x", "second"));
      const first = await subject.entry("s", "x");
      const expected = entryFacts(first);
      overwriteBytes(first);
      assert.deepEqual([expected.value, expected.previous?.value], ["second", "first"]);
      const returned: readonly (() => Promise<EntryRecord | undefined>)[] = [
        async () => (await subject.read("s", ["x"]))?.[0],
        async () => (await subject.list("s"))?.[0],
        async () => {
          const outcome = await subject.writeOne("s", { ...anything("x", "third"), expects: "nothing" });
          return outcome.is === "conflict" ? outcome.entry : undefined;
        },
      ];
      for (const each of returned) {
        const entry = await each();
        assert(entry !== undefined, "the entry exists");
        overwriteBytes(entry);
        assert.deepEqual(entryFacts(await subject.entry("s", "x")), expected);
      }
      await subject.put("s", "x", "third");
      const { value, previous } = entryFacts(await subject.entry("s", "x"));
      assert.deepEqual([value, previous?.value], ["third", "second"]);
    },
  },
];
