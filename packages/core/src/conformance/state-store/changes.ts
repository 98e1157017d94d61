import assert from "node:assert/strict";
import { GLOBAL_SCOPE } from "../../ports/state-store.ts";
import type { StateStoreBench, StateStoreCase } from "../state-store-case.ts";
import { namesOf, shown } from "./comparable.ts";
import { HeardChanges } from "./heard-changes.ts";
import { anything, PLENTY, Subject, TTL_MS } from "./subject.ts";

/**
 * A handle and what it hears from now on, after something was done through another one. Of that nothing is heard any more:
 * a store may tell of it a moment later, so that the last of it is waited for.
 */
async function listeningTo(
  bench: StateStoreBench,
  prepare: (before: Subject) => Promise<unknown>,
): Promise<{ readonly subject: Subject; readonly heard: HeardChanges }> {
  const [before, subject] = [await Subject.of(bench), await Subject.of(bench)];
  const arriving = new HeardChanges(subject.store);
  await prepare(before);
  await before.create("prepared");
  await arriving.until((all) => all.tellsSession("prepared") || all.tellsEverything(), "what was prepared");
  arriving.stop();
  return { subject, heard: new HeardChanges(subject.store) };
}

export const changes: readonly StateStoreCase[] = [
  {
    title: "sessions that are made, changed and deleted are told of",
    async run(bench) {
      const subject = await Subject.of(bench);
      let heard = new HeardChanges(subject.store);
      const isTold = async (change: () => Promise<unknown>) => {
        heard.stop();
        heard = new HeardChanges(subject.store);
        await change();
        await heard.session("s");
      };
      await isTold(() => subject.create("s"));
      await isTold(() => subject.change("s", { version: 1, metadata: { n: 1 }, ttlMs: TTL_MS }));
      await isTold(() => subject.store.deleteSession("s", subject.now));
      await isTold(() => subject.create("s"));
      subject.clock.advance(TTL_MS);
      await isTold(() => subject.create("s"));
      subject.clock.advance(TTL_MS);
      await isTold(() => subject.store.sweepSessions(subject.now, 10));
      await isTold(() => subject.create("s"));
      subject.clock.advance(TTL_MS);
      await isTold(() => subject.store.deleteSession("s", subject.now));
    },
  },
  {
    title: "entries that are written are told of by name",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const heard = new HeardChanges(subject.store);
      await subject.write("s", [anything("a", "1"), anything("b", "1")], { atomic: true });
      await heard.entries("s", "variable", ["a", "b"]);
      await subject.write("s", [anything("c", "1"), anything("d", "1")], { kind: "program" });
      await heard.entries("s", "program", ["c", "d"]);
      await subject.put(GLOBAL_SCOPE, "e", "1");
      await heard.entries(GLOBAL_SCOPE, "variable", ["e"]);
      assert.deepEqual(new Set(heard.names("s", "variable")), new Set(["a", "b"]));
      assert.deepEqual(new Set(heard.names("s", "program")), new Set(["c", "d"]));
    },
  },
  {
    title: "entries that are deleted are told of by name",
    async run(bench) {
      const { subject, heard } = await listeningTo(bench, async (before) => {
        await before.create("s");
        await before.write("s", [anything("a", "1"), anything("b", "1")]);
        await before.put("s", "a", "1", { kind: "program" });
      });
      await subject.delete("s", ["a", "missing"]);
      await heard.entries("s", "variable", ["a"]);
      await subject.delete("s", ["a"], "program");
      await heard.entries("s", "program", ["a"]);
      assert.deepEqual(new Set(heard.names("s", "variable")), new Set(["a"]));
    },
  },
  {
    title: "what was not done is not told of",
    async run(bench) {
      const { subject, heard } = await listeningTo(bench, async (before) => {
        await before.create("s");
        await before.put("s", "a", "1");
      });
      const { store, now } = subject;
      await store.createSession({ id: "t", metadata: {}, ttlMs: TTL_MS }, now, 1);
      await store.writeSession("s", { version: 7, metadata: {}, ttlMs: TTL_MS }, now);
      await store.deleteSession("t", now);
      await store.sweepSessions(now, 10);
      const refused = { ...anything("a", "2"), expects: "nothing" } as const;
      await subject.write("s", [refused, anything("b", "1")], { atomic: true });
      await subject.write("s", [anything("c", "1")], { maxEntries: 1 });
      await subject.write("nobody", [anything("d", "1")]);
      await subject.delete("s", ["missing"]);
      await subject.write("s", [refused, anything("last", "1")]);
      await heard.entries("s", "variable", ["last"]);
      assert.deepEqual(new Set(heard.names("s", "variable")), new Set(["last"]));
      assert.deepEqual(heard.names("nobody", "variable"), []);
      assert.deepEqual([heard.tellsSession("s"), heard.tellsSession("t")], [false, false]);
    },
  },
  {
    title: "being used is no change",
    async run(bench) {
      const { subject, heard } = await listeningTo(bench, (before) => before.create("s"));
      subject.clock.advance(1);
      await subject.use("s", "worker-1");
      await subject.store.createSession({ id: "s", metadata: {}, ttlMs: TTL_MS }, subject.now, PLENTY);
      await subject.session("s");
      await subject.read("s", ["x"]);
      await subject.create("last");
      await heard.session("last");
      assert.equal(heard.tellsSession("s"), false);
    },
  },
  {
    title: "what is told of is there when it is read",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const seen: Promise<readonly string[] | undefined>[] = [];
      subject.store.onChange((change) => {
        if (change.is !== "entries") return;
        seen.push(subject.read("s", change.names).then((entries) => namesOf(entries)));
      });
      const heard = new HeardChanges(subject.store);
      const names = Array.from({ length: 10 }, (_, index) => `x${index}`);
      for (const name of names) {
        await subject.put("s", name, "1");
        await heard.entries("s", "variable", [name]);
      }
      assert.deepEqual(new Set((await Promise.all(seen)).flat()), new Set(names));
    },
  },
  {
    title: "changes made through another handle are told of as well",
    async run(bench) {
      const [one, other] = [await Subject.of(bench), await Subject.of(bench)];
      let heard = new HeardChanges(one.store);
      const isTold = async (change: () => Promise<unknown>, tells: (heard: HeardChanges) => boolean, what: string) => {
        heard.stop();
        heard = new HeardChanges(one.store);
        await change();
        await heard.until((all) => tells(all) || all.tellsEverything(), what);
      };
      const ofSession = (all: HeardChanges) => all.tellsSession("s");
      const ofEntry = (all: HeardChanges) => all.names("s", "variable").includes("x");
      await isTold(() => other.create("s"), ofSession, "a session that was made");
      await isTold(() => other.put("s", "x", "1"), ofEntry, "an entry that was written");
      assert.deepEqual(shown(await one.read("s", ["x"])), ["x=1"]);
      await isTold(() => other.delete("s", ["x"]), ofEntry, "an entry that was deleted");
      assert.deepEqual(await one.read("s", ["x"]), []);
      const write = { version: 1, metadata: { n: 1 }, ttlMs: TTL_MS };
      await isTold(() => other.change("s", write), ofSession, "a session that was changed");
      assert.deepEqual((await one.session("s")).metadata, { n: 1 });
      await isTold(() => other.store.deleteSession("s", other.now), ofSession, "a session that was deleted");
      assert.equal(await one.store.readSession("s"), undefined);
    },
  },
  {
    title: "every listener hears every change, until it stops listening",
    async run(bench) {
      const subject = await Subject.of(bench);
      const [one, other] = [new HeardChanges(subject.store), new HeardChanges(subject.store)];
      await subject.create("a");
      await Promise.all([one.session("a"), other.session("a")]);
      one.stop();
      one.stop();
      await subject.create("b");
      await other.session("b");
      assert.equal(one.tellsSession("b"), false);
    },
  },
];
