import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { creditedStreamConformance, type StreamScript, type StreamUnderTest } from "../conformance/index.ts";
import { SnakepitError } from "../errors/snakepit-error.ts";
import { LoopedStream, ScriptedSource } from "../testing/scripted-source.ts";
import { CreditWindow, DemandWindow, FixedWindow } from "./credit-window.ts";
import {
  CreditedStream,
  type StreamEvent,
  type StreamSource,
  type StreamState,
  transition,
} from "./credited-stream.ts";

const error = new SnakepitError("PYTHON_EXCEPTION", "no more");

const kinds: readonly (readonly [string, (script: StreamScript) => StreamUnderTest, number])[] = [
  ["a stream with an adaptive window", (script) => new ScriptedSource(script, new CreditWindow()), 1_024],
  ["a stream with a fixed window", (script) => new ScriptedSource(script, new FixedWindow(4)), 4],
  [
    "a stream with a fixed window, granted by halves",
    (script) => new ScriptedSource(script, new FixedWindow(16, 8)),
    16,
  ],
  ["a stream with a window of one", (script) => new ScriptedSource(script, new FixedWindow(1)), 1],
  ["a stream on demand", (script) => new ScriptedSource(script, new DemandWindow()), 0],
  ["a sender and its stream", (script) => new LoopedStream(script, new CreditWindow()), 1_024],
  ["a sender and its stream on demand", (script) => new LoopedStream(script, new DemandWindow()), 0],
];

describe.each(kinds)("%s", (_, open, mostAhead) => {
  test.for(creditedStreamConformance)("$title", async ({ run }) => {
    const opened: StreamUnderTest[] = [];
    await run({
      open: async (script) => {
        const made = open(script);
        opened.push(made);
        return made;
      },
      numberOf: (value) => value as number,
      mostAhead,
      failureCode: "PYTHON_EXCEPTION",
    });
    for (const { stream } of opened) await stream[Symbol.asyncDispose]();
  });
});

/** A source that does nothing by itself and records what it is asked for. */
class RecordingSource implements StreamSource {
  readonly asked: string[] = [];
  why: SnakepitError | undefined;
  cancelling: Promise<void> | undefined;

  start(): void {
    this.asked.push("start");
  }

  grant(values: number): void {
    this.asked.push(`grant ${values}`);
  }

  cancel(): void | Promise<void> {
    this.asked.push("cancel");
    return this.cancelling;
  }

  interruption(): SnakepitError | undefined {
    return this.why;
  }
}

describe("a source", () => {
  test("may produce, end and fail before it is asked to start", async () => {
    const stream = new CreditedStream<number>(new RecordingSource(), new FixedWindow(2));
    stream.push(1);
    stream.fail(error);
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    await expect(stream.next()).rejects.toMatchObject({ code: "PYTHON_EXCEPTION" });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test("is ignored after it ended", async () => {
    const source = new RecordingSource();
    const stream = new CreditedStream<number>(source, new FixedWindow(2));
    stream.end();
    stream.push(1);
    stream.fail(error);
    stream.end();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(source.asked).toEqual([]);
  });

  test("is ignored after the consumer left", async () => {
    const source = new RecordingSource();
    const stream = new CreditedStream<number>(source, new FixedWindow(2));
    void stream.next();
    await stream.return();
    stream.push(1);
    stream.fail(error, "at once");
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(source.asked).toEqual(["start", "cancel"]);
  });

  test("is not cancelled and gets no credit once it has ended", async () => {
    const source = new RecordingSource();
    const stream = new CreditedStream<number>(source, new FixedWindow(2));
    stream.push(1);
    stream.push(2);
    stream.end();
    await stream.next();
    await stream.return();
    expect(source.asked).toEqual([]);
  });

  test("fails at once: in place of the values that wait", async () => {
    const stream = new CreditedStream<number>(new RecordingSource(), new FixedWindow(2));
    stream.push(1);
    stream.fail(error, "at once");
    await expect(stream.next()).rejects.toMatchObject({ code: "PYTHON_EXCEPTION" });
  });

  test("interrupts the delivery of what came before its end", async () => {
    const source = new RecordingSource();
    const stream = new CreditedStream<number>(source, new FixedWindow(3));
    stream.push(1);
    stream.push(2);
    stream.end();
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    source.why = error;
    await expect(stream.next()).rejects.toMatchObject({ code: "PYTHON_EXCEPTION" });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test("that cannot be cancelled makes return() reject, and the stream is over all the same", async () => {
    const source = new RecordingSource();
    source.cancelling = Promise.reject(error);
    const stream = new CreditedStream<number>(source, new FixedWindow(1));
    const waiting = stream.next();
    await expect(stream.return()).rejects.toBe(error);
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await stream.return()).toEqual({ done: true, value: undefined });
  });
});

test("return() resolves with the value that it was called with", async () => {
  const stream = new CreditedStream<number, string>(new RecordingSource(), new FixedWindow(1));
  expect(await stream.return("early")).toEqual({ done: true, value: "early" });
});

test("the stack of an error shows the code that reads the stream", async () => {
  const stream = new CreditedStream<number>(new RecordingSource(), new FixedWindow(1));
  async function functionOfTheUser() {
    for await (const _ of stream) continue;
  }
  const reading = functionOfTheUser().catch((thrown: unknown) => thrown);
  stream.fail(error);
  expect(((await reading) as Error).stack).toContain("functionOfTheUser");
});

test("each event leads from each state to the one that is documented", () => {
  const states: Readonly<Record<StreamState["is"], StreamState>> = {
    idle: { is: "idle" },
    open: { is: "open" },
    ending: { is: "ending", error: undefined },
    done: { is: "done" },
  };
  const events: Readonly<Record<StreamEvent["is"], StreamEvent>> = {
    started: { is: "started" },
    ended: { is: "ended", error },
    delivered: { is: "delivered" },
    left: { is: "left" },
  };
  const table = Object.entries(states).map(([from, state]) => [
    from,
    ...Object.values(events).map((event) => transition(state, event).is),
  ]);
  expect([["", ...Object.keys(events)], ...table]).toEqual([
    ["", "started", "ended", "delivered", "left"],
    ["idle", "open", "ending", "idle", "done"],
    ["open", "open", "ending", "open", "done"],
    ["ending", "ending", "ending", "done", "done"],
    ["done", "done", "done", "done", "done"],
  ]);
});

type Step = { readonly is: "push" | "next" | "end" | "fail" | "cut" | "return" };
const steps = fc.array(
  fc.record<Step>({
    is: fc.constantFrom("push", "push", "push", "next", "next", "next", "end", "fail", "cut", "return"),
  }),
  { maxLength: 60 },
);

/** What a stream must answer, from the order of what happened alone. */
class Model {
  readonly answers: string[] = [];
  #waiting = 0;
  #values: number[] = [];
  #end: "none" | "end" | "error" | "done" = "none";

  push(value: number): void {
    if (this.#end !== "none") return;
    this.#values.push(value);
    this.#answer();
  }

  next(): void {
    this.#waiting += 1;
    this.#answer();
  }

  end(how: "end" | "error", drops: boolean): void {
    if (this.#end !== "none") return;
    if (drops) this.#values = [];
    this.#end = how;
    this.#answer();
  }

  leave(): void {
    this.#values = [];
    this.#end = "done";
    this.#answer();
  }

  #answer(): void {
    while (this.#waiting > 0) {
      const value = this.#values.shift();
      if (value === undefined && this.#end === "none") return;
      this.#waiting -= 1;
      this.answers.push(value !== undefined ? `${value}` : this.#end === "error" ? "error" : "done");
      if (value === undefined) this.#end = "done";
    }
  }
}

test("whatever source and consumer do, in whatever order: each next() gets one answer, the one that is due", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const model = new Model();
      const stream = new CreditedStream<number>(new RecordingSource(), new FixedWindow(1_000));
      const asked: Promise<string>[] = [];
      let value = 0;
      const acts: Readonly<Record<Step["is"], () => void>> = {
        push: () => {
          value += 1;
          stream.push(value);
          model.push(value);
        },
        next: () => {
          const answer = stream.next().then(
            (step) => (step.done === true ? "done" : `${step.value}`),
            () => "error",
          );
          asked.push(answer);
          model.next();
        },
        end: () => {
          stream.end();
          model.end("end", false);
        },
        fail: () => {
          stream.fail(error);
          model.end("error", false);
        },
        cut: () => {
          stream.fail(error, "at once");
          model.end("error", true);
        },
        return: () => {
          void stream.return();
          model.leave();
        },
      };
      for (const { is } of script) acts[is]();
      acts.return();
      expect(await Promise.all(asked)).toEqual(model.answers);
    }),
  );
});
