import { getEventListeners } from "node:events";
import { join } from "node:path";
import type { StateStore } from "@snakepit/core";
import { MemoryStore } from "@snakepit/sessions";
import { afterEach, beforeEach, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";

const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;

let pit: Snakepit;
let answer: () => void;

/** A shared store that does not return sessions until the test releases it. */
beforeEach(async () => {
  const memory = new MemoryStore();
  const silence = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const store = new Proxy<StateStore>(memory, {
    get(target, name) {
      if (name === "readSession") return (id: string) => silence.then(() => target.readSession(id));
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  await memory.createSession({ id: "s", metadata: {}, ttlMs: 3_600_000 }, Date.now(), 10);
  pit = await Snakepit.start({ worker: python(TOOLS), size: 1, logger: false, sessions: { store } });
});
afterEach(async () => {
  answer();
  await pit.close();
});

test("an aborted call does not wait for a store that does not respond", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = pit.execute("pid", {}, { sessionId: "s", signal });
  const late = pit.execute("pid", {}, { sessionId: "s", timeoutMs: 30 });
  const stream = pit.stream("relay", { name: "x", args: {} }, { sessionId: "s", timeoutMs: 30 }).next();
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ code: "CANCELLED" });
  await expect(late).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await expect(stream).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  expect(getEventListeners(signal, "abort")).toEqual([]);
  expect(pit.stats("default").active).toBe(0);
});

test("a call returns its result after a slow store has responded", async () => {
  const call = pit.execute("pid", {}, { sessionId: "s" });
  answer();
  expect(await call).toBe(pit.workers()[0]?.pid);
});
