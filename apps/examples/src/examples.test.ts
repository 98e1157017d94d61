import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ProgramProcess } from "./testing/program-process.ts";

let programs: ProgramProcess;
beforeAll(() => {
  programs = new ProgramProcess();
});
afterAll(async () => {
  // No example leaves something running that would keep its process alive.
  expect(await programs.end()).toBe(0);
});

/** Runs an example and returns its output. */
async function output(example: string, process = programs): Promise<string> {
  return await process.output(join(import.meta.dirname, `${example}.ts`));
}

test("basic", async () => {
  expect(await output("basic")).toBe("2 + 40 = 42\nHello, Ada!\n");
});

test("concurrent: every worker runs calls", async () => {
  expect(await output("concurrent")).toBe(
    `squares: ${Array.from({ length: 20 }, (_, i) => i * i).join(" ")}\nworker processes used: 4\n`,
  );
});

test("lifecycle: a leaking worker is replaced, and edited code is loaded without a failed call", async () => {
  expect(await output("lifecycle")).toBe(
    `${[
      "replaced because of its memory",
      "recycled: default-3 has replaced default-2",
      "before the edit: Hello, Ada",
      "after the edit: Good morning, Ada",
      "failed calls: 0",
    ].join("\n")}\n`,
  );
});

test("thread profile: eight calls run at the same time in one worker", async () => {
  expect(await output("thread-profile")).toBe(
    "thread: 8 calls at the same time\ncalls at the same time: 8\nprimes: 25\n",
  );
});

test("profiles: each executes each kind of work", async () => {
  const lines = (await output("profiles")).trimEnd().split("\n");
  expect(lines.map((line) => line.replace(/\d+ ms/, "…"))).toEqual(
    ["waiting", "waiting, async", "computing"].flatMap((kind) =>
      ["process", "thread", "async"].map((profile) => `${kind}: ${profile} … for 20 calls`),
    ),
  );
});

test("elastic pool: it follows the load", async () => {
  expect(await output("elastic-pool")).toBe("idle: 1 worker\nunder load: 4 workers\nidle again: 1 worker\n");
});

test("map: all results in order, failed items included, and one at a time from an endless generator", async () => {
  expect((await output("map")).trimEnd().split("\n")).toEqual([
    "2000 calls, last result 2000",
    "1 / 4: 0.25",
    "1 / 0: ZeroDivisionError",
    "1 / 2: 0.5",
    "doubled: 0",
    "doubled: 2",
    "doubled: 4",
    "doubled: 6",
  ]);
});

test("script: all workers are ready at its start, and nothing is left at its end", async () => {
  // It adds handlers of signals to its process.
  const own = new ProgramProcess();
  expect(await output("script", own)).toBe("workers: 4\nsum: 500500\nhandlers of SIGINT that are left: 0\n");
  expect(await own.end()).toBe(0);
});

test("streaming: chunks in order; leaving the loop stops the generator", async () => {
  expect(await output("streaming")).toBe("5 …\n4 …\n3 …\n2 …\n1 …\n1000000 …\n999999 …\n999998 …\nlift-off\n");
});

test("streaming to a slow consumer: no reading is skipped and memory stays bounded", async () => {
  // It measures the memory of its process.
  const own = new ProgramProcess();
  expect(await output("streaming-slow-consumer", own)).toBe(
    "reading 39 of a million reached a consumer of 100 a second\nheap in use: less than 64 MiB\n",
  );
  expect(await own.end()).toBe(0);
});

test("server-sent events: a client that disconnects stops the generator", async () => {
  const lines = (await output("sse-server")).trimEnd().split("\n");
  expect(lines.slice(0, 5)).toEqual(["row", "your", "boat", "row", "your"].map((word) => `data: "${word}"`));
  // Which of the two notices first is a matter of scheduling.
  expect(lines.slice(5).sort()).toEqual(["Python: generator closed", "TypeScript: the client disconnected"]);
});

test("numpy: arrays return with their shape", async () => {
  expect(await output("numpy")).toBe(
    "standardized: Float64Array of shape [1000, 2]\ncorrelation of the two columns: 1.0000\n",
  );
});

test("errors and cancellation: each failure has its own code and the worker survives", async () => {
  const printed = (await output("errors-and-cancellation")).trimEnd().split("\n");
  // Under load the error of the deadline may arrive without the stack of the tool, or before the tool sleeps.
  const lines = printed.filter(
    (line, i) => !line.startsWith("  in Python") || printed[i - 1]?.startsWith("an exception"),
  );
  expect(lines.map((line) => line.split(": ").slice(0, 2).join(": "))).toEqual([
    "an exception: PYTHON_EXCEPTION",
    expect.stringMatching(/^ {2}in Python: /),
    "a wrong argument: INVALID_ARGUMENT",
    "an unknown tool: UNKNOWN_TOOL",
    "a deadline: DEADLINE_EXCEEDED",
    "an abort: CANCELLED",
    "the worker afterwards: 0.5",
  ]);
});

test("custom adapter: its state persists between calls", async () => {
  expect(await output("custom-adapter")).toBe("known words: 4\nencoded: [0,3,-1,0,1]\n");
});

test("resilience: crashes are retried, rejected and replaced by fallbacks", async () => {
  expect((await output("resilience")).trimEnd().split("\n")).toEqual([
    "  measure is executed again: attempt 2",
    "idempotent: measured",
    "  corrupt has ended 3 workers in a row",
    "the fourth time: POISON_CALL",
    "with a fallback: unknown",
    "  the circuit is open: 5 of 6 failed",
    "while the circuit is open: CIRCUIT_OPEN",
    "from the reserve: 0.5",
  ]);
});

test("events: calls that wait, fail and stream are reported to listeners", async () => {
  expect((await output("events")).trimEnd().split("\n")).toEqual([
    "4 of 6 calls waited for one of the 2 workers",
    "Python needed at least 1800 ms: true",
    '{"call.started":2,"stream.ended":1,"call.ended":1,"call.ended (INVALID_ARGUMENT)":1}',
    "default-1 was replaced: requested",
  ]);
});

test("Prometheus: the metrics of a host are scraped", async () => {
  expect((await output("prometheus")).trimEnd().split("\n")).toEqual([
    "200 text/plain; version=0.0.4; charset=utf-8",
    'snakepit_calls_total{snakepit_pool="default",snakepit_tool="add"} 3',
    'snakepit_calls_total{snakepit_pool="default",snakepit_tool="greet",error_type="INVALID_ARGUMENT"} 1',
    'snakepit_pool_workers{snakepit_pool="default"} 2',
    "POST: 405",
  ]);
});

test("sessions: their state outlives a worker", async () => {
  expect((await output("sessions")).trimEnd().split("\n")).toEqual([
    "Hello, Ada: “I am new here” was turn 1.",
    "Hello, Ada: “still me” was turn 2.",
    "the same worker: true",
    "Hello, Ada: “what happened?” was turn 3.",
    "the same worker: false",
    'metadata: {"name":"Ada","satisfied":true}',
    "UNKNOWN_SESSION",
  ]);
});

test("programs: kept by the host, changed by both languages", async () => {
  expect((await output("programs")).trimEnd().split("\n")).toEqual([
    "Translate into French: Good morning",
    "examples: Hello → Bonjour, Yes → Oui; inputs: language, text",
    "version: 3",
    "Hello, Grace!",
  ]);
});

test("variables: read, written and watched in both languages, with the same errors", async () => {
  const error = 'range: variable "temperature" must be from 0 to 100; got 1000';
  expect((await output("variables")).trimEnd().split("\n")).toEqual([
    "cooled in Python to 0.5",
    "watched in TypeScript: 0.5, version 8",
    "watched in Python: done",
    `Python: ${error}`,
    `TypeScript: ${error}`,
    "sum of the weights: 7",
    "normalized: 0.6 0.8",
    "heating, version 4, by host",
    "with an old version: undefined",
  ]);
});

test("tools both ways: values, a stream, arrays, and a nested call back into Python", async () => {
  expect((await output("tools-both-ways")).trimEnd().split("\n")).toEqual([
    "price_of(item: str): What an item costs.",
    "readings(blocks: int): Blocks of readings.",
    "smooth(values: Any): Smooths an array.",
    'printed in Python: HOST_TOOL_EXCEPTION: host tool "price_of" threw RangeError: no price for unicorn',
    "total: 3.5",
    "mean of a stream of arrays: 50",
    "left early: 0,1,2",
    "smoothed by a nested call: 1.5 3",
    "generators closed: 2",
  ]);
});

test("shared sessions: two hosts on one PostgreSQL database continue each other's sessions", async () => {
  expect((await output("shared-sessions")).trimEnd().split("\n")).toEqual([
    "Hello, Ada: “from London” was turn 1.",
    "Hello, Ada: “from Paris” was turn 2.",
    "seen in London: 22; read in Paris: 22",
    "Hello, Ada: “London is closed” was turn 23.",
  ]);
});

test("OpenTelemetry: one trace from an HTTP request to the calls that a host tool makes", async () => {
  const lookUp = [
    "        snakepit.host_tool look_up",
    "          snakepit.execute translate",
    "            snakepit.queue",
    "            snakepit.transport",
    "            snakepit.python translate",
    "              translate",
    "            snakepit.transport",
  ];
  expect(await output("opentelemetry")).toBe(
    `${[
      "Python: found 2 words, traced: true",
      "bonjour monde",
      "GET /",
      "  snakepit.execute answer",
      "    snakepit.queue",
      "    snakepit.transport",
      "    snakepit.python answer",
      "      prepare",
      "      ask",
      ...lookUp,
      ...lookUp,
      "    snakepit.transport",
    ].join("\n")}\n`,
  );
});
