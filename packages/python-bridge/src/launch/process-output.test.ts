import { noInstrumentation, type WorkerLogRecord } from "@snakepit/core";
import { expect, test } from "vitest";
import { ProcessOutput } from "./process-output.ts";

function recorded(): { text: ProcessOutput; messages: string[] } {
  const messages: string[] = [];
  const emit = (_: string, record: unknown) => void messages.push((record as WorkerLogRecord).message);
  const text = new ProcessOutput({ ...noInstrumentation, emit }, { pool: "p", workerId: "w", source: "stderr" });
  return { text, messages };
}

test("each line becomes a record, regardless of the pieces", () => {
  const { text, messages } = recorded();
  for (const piece of ["on", "e\n\ntwo\nth", "ree"]) text.push(piece);
  expect(messages).toEqual(["one", "two"]);
  text.end();
  expect(messages).toEqual(["one", "two", "three"]);
});

test("a line without an end is buffered with a limit", () => {
  const { text, messages } = recorded();
  const bar = "\r[=====     ]".repeat(10);
  const pieces = 10_000;
  for (let i = 0; i < pieces; i++) text.push(bar);
  text.end();
  expect(messages.join("")).toBe(bar.repeat(pieces));
  expect(Math.max(...messages.map((message) => message.length))).toBeLessThan(20_000);
});
