import assert from "node:assert/strict";
import type { StateStoreCase } from "../state-store-case.ts";
import { ReceivedChanges } from "./received-changes.ts";
import { anything, PLENTY, Subject, TTL_MS } from "./subject.ts";

const CLOSED = { name: "SnakepitError", code: "SHUTTING_DOWN" };

export const closing: readonly StateStoreCase[] = [
  {
    title: "close() waits for pending operations and is idempotent",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      const written = subject.write("s", [anything("x", "1")]);
      await Promise.all([subject.store.close(), subject.store.close()]);
      assert.equal((await written)[0]?.is, "written");
      await subject.store.close();
    },
  },
  {
    title: "a closed store rejects all operations",
    async run(bench) {
      const subject = await Subject.of(bench);
      const { store, now } = subject;
      await subject.create("s");
      await subject.put("s", "x", "1");
      await subject.session("s");
      await subject.entry("s", "x");
      const received = new ReceivedChanges(store);
      await store.close();
      const draft = { id: "s", metadata: {}, ttlMs: TTL_MS };
      const rejected: readonly (() => Promise<unknown>)[] = [
        () => store.createSession(draft, now, PLENTY),
        () => store.readSession("s"),
        () => store.touchSessions([{ id: "s", usedAt: now }]),
        () => store.writeSession("s", { version: 1, metadata: {}, ttlMs: TTL_MS }, now),
        () => store.deleteSession("s", now),
        () => store.listSessions({ limit: 1 }, now),
        () => store.countSessions(now),
        () => store.sweepSessions(now, 1),
        () => subject.read("s", ["x"]),
        () => subject.list("s"),
        () => subject.write("s", [anything("x", "2")]),
        () => subject.delete("s", ["x"]),
      ];
      for (const each of rejected) await assert.rejects(each, CLOSED);
      assert.deepEqual(received.all, []);
      received.stop();
    },
  },
];
