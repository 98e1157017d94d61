import { noInstrumentation, type WorkerLogRecord } from "@snakepit/core";
import { describe, expect, test } from "vitest";
import { ProcessOutput, ZygoteOutput } from "./process-output.ts";

describe("the output of a process", () => {
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
});

describe("the output of a zygote", () => {
  function recorded(): { output: ZygoteOutput; forwarded: string[] } {
    const forwarded: string[] = [];
    return { output: new ZygoteOutput((_, piece) => void forwarded.push(piece)), forwarded };
  }

  test("output before the identification is forwarded after it", () => {
    const { output, forwarded } = recorded();
    output.push("stderr", "early");
    expect(forwarded).toEqual([]);
    output.identified();
    output.push("stdout", "later");
    expect(forwarded).toEqual(["early", "later"]);
  });

  test("only the beginning and the last lines of unlimited output are kept", () => {
    const { output, forwarded } = recorded();
    const piece = "no Python at all\n".repeat(1_000);
    for (let i = 0; i < 1_000; i++) output.push("stderr", piece);
    output.push("stderr", "the end");
    expect(output.stderrTail.endsWith("no Python at all\nthe end")).toBe(true);
    output.identified();
    expect(forwarded.join("").length).toBeLessThan(2 * 1024 * 1024);
    output.expectStack();
    for (let i = 0; i < 1_000; i++) output.push("stderr", piece);
    expect(output.stack.length).toBeLessThan(2 * 1024 * 1024);
  });
});
