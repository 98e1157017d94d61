import assert from "node:assert/strict";
import type { StateStoreBench, StateStoreCase } from "../state-store-case.ts";
import { bytesOf, shown, verdicts } from "./comparable.ts";
import { ATTRIBUTES, anything, Subject, TTL_MS } from "./subject.ts";

/** Opens two handles, like two hosts. */
async function twoOf(bench: StateStoreBench): Promise<readonly [Subject, Subject]> {
  return [await Subject.of(bench), await Subject.of(bench)];
}

/** Runs a function several times concurrently, alternating between two handles. */
async function atOnce<Result>(
  times: number,
  subjects: readonly [Subject, Subject],
  run: (subject: Subject, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const runs = Array.from({ length: times }, (_, index) => run(subjects[index % 2 === 0 ? 0 : 1], index));
  return await Promise.all(runs);
}

function tally(verdicts: readonly string[], verdict: string): number {
  return verdicts.filter((each) => each === verdict).length;
}

/** Adds 1 to an entry, with retries after conflicts. */
async function increment(subject: Subject): Promise<void> {
  for (let { value, version } = await subject.entry("s", "n"); ; ) {
    const next = bytesOf(String(Number(new TextDecoder().decode(value)) + 1));
    const outcome = await subject.writeOne("s", { name: "n", value: next, expects: version });
    if (outcome.is === "written") return;
    assert(outcome.is === "conflict" && outcome.entry !== undefined, `an increment was ${outcome.is}`);
    ({ value, version } = outcome.entry);
  }
}

export const concurrency: readonly StateStoreCase[] = [
  {
    title: "a hundred concurrent compare-and-set writes of an entry lose no update",
    async run(bench) {
      const subjects = await twoOf(bench);
      await subjects[0].create("s");
      const { version } = await subjects[0].put("s", "n", "0");
      await atOnce(100, subjects, increment);
      const entry = await subjects[0].entry("s", "n");
      assert.deepEqual([shown([entry]), entry.version], [["n=100"], version + 100]);
    },
  },
  {
    title: "concurrent changes of a session lose no update",
    async run(bench) {
      const subjects = await twoOf(bench);
      await subjects[0].create("s", { metadata: { n: 0 } });
      await atOnce(40, subjects, async (subject) => {
        for (let { metadata, version } = await subject.session("s"); ; ) {
          const write = { version, metadata: { n: Number(metadata["n"]) + 1 }, ttlMs: TTL_MS };
          const outcome = await subject.store.writeSession("s", write, subject.now);
          if (outcome.is === "written") return;
          assert(outcome.is === "conflict", `a change was ${outcome.is}`);
          ({ metadata, version } = outcome.session);
        }
      });
      const { metadata, version } = await subjects[0].session("s");
      assert.deepEqual([metadata, version], [{ n: 40 }, 41]);
    },
  },
  {
    title: "of concurrent creations of a session, one creates it and the others find it",
    async run(bench) {
      const subjects = await twoOf(bench);
      const made = await atOnce(20, subjects, (subject, index) =>
        subject.store.createSession({ id: "s", metadata: { index }, ttlMs: TTL_MS }, subject.now, 1),
      );
      const kinds = made.map(({ is }) => is);
      assert.deepEqual([tally(kinds, "created"), tally(kinds, "found")], [1, 19]);
      const maker = kinds.indexOf("created");
      assert.deepEqual((await subjects[0].session("s")).metadata, { index: maker });
    },
  },
  {
    title: "of concurrent creations of sessions, as many succeed as the quota allows",
    async run(bench) {
      const subjects = await twoOf(bench);
      const made = await atOnce(30, subjects, (subject, index) =>
        subject.store.createSession({ id: `s${index}`, metadata: {}, ttlMs: TTL_MS }, subject.now, 10),
      );
      const kinds = made.map(({ is }) => is);
      assert.deepEqual([tally(kinds, "created"), tally(kinds, "over-quota")], [10, 20]);
      assert.equal((await subjects[0].store.countSessions(subjects[0].now)).active, 10);
    },
  },
  {
    title: "of concurrent creations of entries, as many succeed as the quota allows",
    async run(bench) {
      const subjects = await twoOf(bench);
      await subjects[0].create("s");
      const outcomes = await atOnce(30, subjects, (subject, index) =>
        subject.writeOne("s", anything(`x${index}`, "1"), { maxEntries: 10 }),
      );
      const kinds = verdicts(outcomes);
      assert.deepEqual([tally(kinds, "written"), tally(kinds, "over-quota")], [10, 20]);
      assert.equal((await subjects[0].list("s"))?.length, 10);
    },
  },
  {
    title: "of concurrent creations of an entry, one succeeds",
    async run(bench) {
      const subjects = await twoOf(bench);
      await subjects[0].create("s");
      const outcomes = await atOnce(20, subjects, (subject, index) => {
        const value = bytesOf(String(index));
        return subject.writeOne("s", { name: "x", value, attributes: ATTRIBUTES, expects: "nothing" });
      });
      const kinds = verdicts(outcomes);
      assert.deepEqual([tally(kinds, "written"), tally(kinds, "conflict")], [1, 19]);
      assert.deepEqual(shown(await subjects[0].list("s")), [`x=${kinds.indexOf("written")}`]);
    },
  },
  {
    title: "concurrent atomic batches on the same entries in opposite orders are all written completely",
    async run(bench) {
      const subjects = await twoOf(bench);
      await subjects[0].create("s");
      const names = Array.from({ length: 20 }, (_, index) => `name-${index}`);
      const outcomes = await atOnce(30, subjects, (subject, index) => {
        const ordered = index % 4 < 2 ? names : names.toReversed();
        const writes = ordered.map((name) => anything(name, String(index)));
        return subject.write("s", writes, { atomic: true, author: `author-${index}` });
      });
      assert.deepEqual(new Set(outcomes.flatMap(verdicts)), new Set(["written"]));
      const entries = (await subjects[0].list("s")) ?? [];
      const written = outcomes.flat().flatMap((outcome) => (outcome.is === "written" ? outcome.entry : []));
      for (const { name, version } of entries) {
        const versions = written.filter((entry) => entry.name === name).map((entry) => entry.version);
        assert.deepEqual(
          versions.sort((a, b) => a - b),
          Array.from({ length: 30 }, (_, index) => version - 29 + index),
        );
      }
      assert.equal(new Set(entries.map(({ updatedBy }) => updatedBy)).size, 1, "the last batch wrote every entry");
    },
  },
  {
    title: "writes that race with the deletion of their session leave no entries",
    async run(bench) {
      const subjects = await twoOf(bench);
      const [{ store }] = subjects;
      for (let round = 0; round < 10; round++) {
        await subjects[0].create("s");
        await atOnce(8, subjects, async (subject, index) => {
          if (index === 3) await subject.store.deleteSession("s", subject.now);
          else await subject.write("s", [anything(`x${index}`, "1"), anything("x", "1")]);
        });
        assert.deepEqual({ ...(await store.countSessions(subjects[0].now)).entries }, { variable: 0, program: 0 });
        await subjects[0].create("s");
        assert.deepEqual(await subjects[0].list("s"), []);
        await store.deleteSession("s", subjects[0].now);
      }
    },
  },
  {
    title: "of concurrently recorded uses, the latest is kept",
    async run(bench) {
      const subjects = await twoOf(bench);
      const ids = Array.from({ length: 20 }, (_, index) => `s${index}`);
      for (const id of ids) await subjects[0].create(id);
      const start = subjects[0].now;
      await atOnce(20, subjects, (subject, index) => {
        const ordered = index % 4 < 2 ? ids : ids.toReversed();
        return subject.store.touchSessions(
          ordered.map((id) => ({ id, usedAt: start + index, lastWorker: `worker-${index}` })),
        );
      });
      for (const id of ids) {
        const { usedAt, lastWorker } = await subjects[0].session(id);
        assert.deepEqual([usedAt, lastWorker], [start + 19, "worker-19"]);
      }
    },
  },
];
