import { getEventListeners } from "node:events";
import { join } from "node:path";
import type { StateStore } from "@snakepit/core";
import { MemoryStore } from "@snakepit/sessions";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hostTool, python, Snakepit } from "../index.ts";

const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;
const config = { worker: python(TOOLS), size: 1, logger: false } as const;

describe("while a store does not respond", () => {
  let pit: Snakepit;
  /** Makes the store return sessions. */
  let answer: () => void;

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
    pit = await Snakepit.start({ ...config, sessions: { store } });
  });
  afterEach(async () => {
    answer();
    await pit.close();
  });

  test("an aborted call does not wait for it", async () => {
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

  test("a call returns its result once the store has responded", async () => {
    const call = pit.execute("pid", {}, { sessionId: "s" });
    answer();
    expect(await call).toBe(pit.workers()[0]?.pid);
  });
});

test("a host tool that calls another host passes on its deadline but not its session", async () => {
  await using one = await Snakepit.start(config);
  await using other = await Snakepit.start(config);
  one.hostTools.register([
    hostTool({ name: "elsewhere", description: "Adds elsewhere.", run: () => other.execute("add", { a: 1, b: 2 }) }),
    hostTool({
      name: "hold_elsewhere",
      description: "Waits elsewhere.",
      run: () => other.execute("hold", { seconds: 60 }, { timeoutMs: "1m" }),
    }),
  ]);
  const session = await one.session("s");
  expect(await session.execute("ask", { name: "elsewhere", args: {} })).toBe(3);
  await expect(session.execute("ask", { name: "hold_elsewhere", args: {} }, { timeoutMs: 300 })).rejects.toMatchObject({
    code: "DEADLINE_EXCEEDED",
  });
  expect(await other.execute("add", { a: 2, b: 2 })).toBe(4);
});
