import assert from "node:assert/strict";
import { GLOBAL_SCOPE } from "../../ports/state-store.ts";
import type { StateStoreBench, StateStoreCase } from "../state-store-case.ts";
import { namesOf, shown } from "./comparable.ts";
import { ReceivedChanges } from "./received-changes.ts";
import { anything, PLENTY, Subject, TTL_MS } from "./subject.ts";

/**
 * Returns a handle and the changes that it receives after another handle has prepared the store. The changes of the
 * preparation are not included: the last of them is awaited, because a store may report changes later.
 */
async function listeningTo(
  bench: StateStoreBench,
  prepare: (before: Subject) => Promise<unknown>,
): Promise<{ readonly subject: Subject; readonly received: ReceivedChanges }> {
  const [before, subject] = [await Subject.of(bench), await Subject.of(bench)];
  const arriving = new ReceivedChanges(subject.store);
  await prepare(before);
  await before.create("prepared");
  await arriving.until((all) => all.hasSession("prepared") || all.hasEverything(), "the preparation");
  arriving.stop();
  return { subject, received: new ReceivedChanges(subject.store) };
}

export const changes: readonly StateStoreCase[] = [
  {
    title: "sessions that are created, changed and deleted are reported",
    async run(bench) {
      const subject = await Subject.of(bench);
      let received = new ReceivedChanges(subject.store);
      const isReported = async (change: () => Promise<unknown>) => {
        received.stop();
        received = new ReceivedChanges(subject.store);
        await change();
        await received.session("s");
      };
      await isReported(() => subject.create("s"));
      await isReported(() => subject.change("s", { version: 1, metadata: { n: 1 }, ttlMs: TTL_MS }));
      await isReported(() => subject.store.deleteSession("s", subject.now));
      await isReported(() => subject.create("s"));
      subject.clock.advance(TTL_MS);
      await isReported(() => subject.create("s"));
      subject.clock.advance(TTL_MS);
      await isReported(() => subject.store.sweepSessions(subject.now, 10));
      await isReported(() => subject.create("s"));
      subject.clock.advance(TTL_MS);
      await isReported(() => subject.store.deleteSession("s", subject.now));
    },
  },
  {
    title: "written entries are reported by name",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const received = new ReceivedChanges(subject.store);
      await subject.write("s", [anything("a", "1"), anything("b", "1")], { atomic: true });
      await received.entries("s", "variable", ["a", "b"]);
      await subject.write("s", [anything("c", "1"), anything("d", "1")], { kind: "program" });
      await received.entries("s", "program", ["c", "d"]);
      await subject.put(GLOBAL_SCOPE, "e", "1");
      await received.entries(GLOBAL_SCOPE, "variable", ["e"]);
      assert.deepEqual(new Set(received.names("s", "variable")), new Set(["a", "b"]));
      assert.deepEqual(new Set(received.names("s", "program")), new Set(["c", "d"]));
    },
  },
  {
    title: "deleted entries are reported by name",
    async run(bench) {
      const { subject, received } = await listeningTo(bench, async (before) => {
        await before.create("s");
        await before.write("s", [anything("a", "1"), anything("b", "1")]);
        await before.put("s", "a", "1", { kind: "program" });
      });
      await subject.delete("s", ["a", "missing"]);
      await received.entries("s", "variable", ["a"]);
      await subject.delete("s", ["a"], "program");
      await received.entries("s", "program", ["a"]);
      assert.deepEqual(new Set(received.names("s", "variable")), new Set(["a"]));
    },
  },
  {
    title: "operations without an effect are not reported",
    async run(bench) {
      const { subject, received } = await listeningTo(bench, async (before) => {
        await before.create("s");
        await before.put("s", "a", "1");
      });
      const { store, now } = subject;
      await store.createSession({ id: "t", metadata: {}, ttlMs: TTL_MS }, now, 1);
      await store.writeSession("s", { version: 7, metadata: {}, ttlMs: TTL_MS }, now);
      await store.deleteSession("t", now);
      await store.sweepSessions(now, 10);
      const rejected = { ...anything("a", "2"), expects: "nothing" } as const;
      await subject.write("s", [rejected, anything("b", "1")], { atomic: true });
      await subject.write("s", [anything("c", "1")], { maxEntries: 1 });
      await subject.write("missing", [anything("d", "1")]);
      await subject.delete("s", ["missing"]);
      await subject.write("s", [rejected, anything("last", "1")]);
      await received.entries("s", "variable", ["last"]);
      assert.deepEqual(new Set(received.names("s", "variable")), new Set(["last"]));
      assert.deepEqual(received.names("missing", "variable"), []);
      assert.deepEqual([received.hasSession("s"), received.hasSession("t")], [false, false]);
    },
  },
  {
    title: "the use of a session is not reported as a change",
    async run(bench) {
      const { subject, received } = await listeningTo(bench, (before) => before.create("s"));
      subject.clock.advance(1);
      await subject.use("s", "worker-1");
      await subject.store.createSession({ id: "s", metadata: {}, ttlMs: TTL_MS }, subject.now, PLENTY);
      await subject.session("s");
      await subject.read("s", ["x"]);
      await subject.create("last");
      await received.session("last");
      assert.equal(received.hasSession("s"), false);
    },
  },
  {
    title: "a reported change is visible to a read",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const seen: Promise<readonly string[] | undefined>[] = [];
      subject.store.onChange((change) => {
        if (change.is !== "entries") return;
        seen.push(subject.read("s", change.names).then((entries) => namesOf(entries)));
      });
      const received = new ReceivedChanges(subject.store);
      const names = Array.from({ length: 10 }, (_, index) => `x${index}`);
      for (const name of names) {
        await subject.put("s", name, "1");
        await received.entries("s", "variable", [name]);
      }
      assert.deepEqual(new Set((await Promise.all(seen)).flat()), new Set(names));
    },
  },
  {
    title: "changes through another handle are reported",
    async run(bench) {
      const [one, other] = [await Subject.of(bench), await Subject.of(bench)];
      let received = new ReceivedChanges(one.store);
      const isReported = async (
        change: () => Promise<unknown>,
        isIn: (received: ReceivedChanges) => boolean,
        what: string,
      ) => {
        received.stop();
        received = new ReceivedChanges(one.store);
        await change();
        await received.until((all) => isIn(all) || all.hasEverything(), what);
      };
      const ofSession = (all: ReceivedChanges) => all.hasSession("s");
      const ofEntry = (all: ReceivedChanges) => all.names("s", "variable").includes("x");
      await isReported(() => other.create("s"), ofSession, "a session that was created");
      await isReported(() => other.put("s", "x", "1"), ofEntry, "an entry that was written");
      assert.deepEqual(shown(await one.read("s", ["x"])), ["x=1"]);
      await isReported(() => other.delete("s", ["x"]), ofEntry, "an entry that was deleted");
      assert.deepEqual(await one.read("s", ["x"]), []);
      const write = { version: 1, metadata: { n: 1 }, ttlMs: TTL_MS };
      await isReported(() => other.change("s", write), ofSession, "a session that was changed");
      assert.deepEqual((await one.session("s")).metadata, { n: 1 });
      await isReported(() => other.store.deleteSession("s", other.now), ofSession, "a session that was deleted");
      assert.equal(await one.store.readSession("s"), undefined);
    },
  },
  {
    title: "every listener receives all changes until it is removed",
    async run(bench) {
      const subject = await Subject.of(bench);
      const [one, other] = [new ReceivedChanges(subject.store), new ReceivedChanges(subject.store)];
      await subject.create("a");
      await Promise.all([one.session("a"), other.session("a")]);
      one.stop();
      one.stop();
      await subject.create("b");
      await other.session("b");
      assert.equal(one.hasSession("b"), false);
    },
  },
];
