import type { StateChange } from "@snakepit/core";
import { describe, expect, it } from "vitest";
import { readMessage } from "./change-message.ts";
import { ChangeOutbox } from "./change-outbox.ts";

function sent(changes: readonly StateChange[]): readonly string[] {
  const outbox = new ChangeOutbox("me");
  for (const change of changes) outbox.add(change);
  return outbox.take();
}

function received(messages: readonly string[]): readonly StateChange[] {
  return messages.flatMap((message) => readMessage(message).changes);
}

const inSession = { is: "entries", scope: "s", kind: "variable" } as const;

describe("changes that other hosts are notified of", () => {
  it("arrive unchanged, with the id of their store", () => {
    const changes: readonly StateChange[] = [
      { is: "session", id: "a 'b' \"c\" \\ 😀" },
      { ...inSession, names: ["x", "ü"] },
      { is: "entries", scope: "", kind: "program", names: ["p"] },
    ];
    const messages = sent(changes);
    expect(messages).toHaveLength(1);
    expect(messages.map((message) => readMessage(message).origin)).toEqual(["me"]);
    expect(received(messages)).toEqual(changes);
  });

  it("are sent once, regardless of how often they were made", () => {
    expect(
      received(
        sent([
          { is: "session", id: "s" },
          { ...inSession, names: ["x"] },
          { is: "session", id: "s" },
          { ...inSession, names: ["y", "x"] },
        ]),
      ),
    ).toEqual([
      { is: "session", id: "s" },
      { ...inSession, names: ["x", "y"] },
    ]);
  });

  it("are sent in several messages within the size limit of the server", () => {
    const ids = Array.from({ length: 500 }, (_, index) => `session-${index}-😀`);
    const names = Array.from({ length: 2_000 }, (_, index) => `name "${index}"`);
    const messages = sent([...ids.map((id): StateChange => ({ is: "session", id })), { ...inSession, names }]);
    expect(messages.length).toBeLessThan(10);
    for (const message of messages) expect(Buffer.byteLength(message)).toBeLessThan(8_000);
    const changes = received(messages);
    expect(changes.flatMap((change) => (change.is === "session" ? change.id : []))).toEqual(ids);
    expect(changes.flatMap((change) => (change.is === "entries" ? change.names : []))).toEqual(names);
  });

  it("become everything when a single one exceeds the size limit", () => {
    const messages = sent([
      { is: "session", id: "a" },
      { ...inSession, names: ["x".repeat(8_000)] },
      { is: "session", id: "b" },
    ]);
    expect(received(messages)).toContainEqual({ is: "everything" });
    for (const message of messages) expect(Buffer.byteLength(message)).toBeLessThan(8_000);
  });

  it("become everything when there are too many", () => {
    const names = Array.from({ length: 20_000 }, (_, index) => String(index));
    expect(
      received(
        sent([
          { is: "session", id: "s" },
          { ...inSession, names },
          { is: "session", id: "t" },
        ]),
      ),
    ).toEqual([{ is: "everything" }]);
  });

  it("are removed when they are taken", () => {
    const outbox = new ChangeOutbox("me");
    outbox.add({ is: "everything" });
    expect(outbox.isEmpty).toBe(false);
    expect(received(outbox.take())).toEqual([{ is: "everything" }]);
    expect(outbox.isEmpty).toBe(true);
    expect(outbox.take()).toEqual([]);
  });
});

describe("a message that this version cannot read", () => {
  it.each([
    "",
    "hello",
    "null",
    "7",
    "[]",
    "{}",
    '{"origin":7}',
    '{"origin":"x","sessions":[7]}',
    '{"origin":"x","entries":[["s","secret",["a"]]]}',
    '{"origin":"x","entries":[["s","variable","a"]]}',
  ])("reports that everything may have changed: %s", (message) => {
    expect(readMessage(message).changes).toEqual([{ is: "everything" }]);
  });
});
