import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hostTool, python, Snakepit, type SnakepitConfig, type SnakepitEvents } from "../index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

const TOOLS = join(import.meta.dirname, "../testing/tracing_tools.py");
const options = commonOptions();

type PythonEvent = SnakepitEvents["python.event"];
type PythonSpan = SnakepitEvents["python.span"];

async function start(config: Partial<SnakepitConfig> = {}): Promise<Snakepit> {
  const common = { ...options(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1 };
  const pit = await Snakepit.start({ ...common, ...config } as SnakepitConfig);
  pit.hostTools.register([hostTool({ name: "answer", description: "Answers a question.", run: () => "because" })]);
  return pit;
}

/** Returns the names of spans, each with the names of its ancestors in the call. */
function paths(spans: readonly PythonSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const path = (span: PythonSpan): string => {
    const parent = byId.get(span.parentId ?? "");
    return parent === undefined ? span.span : `${path(parent)} > ${span.span}`;
  };
  return spans.map(path);
}

describe.each(["process", "thread", "async"] as const)("profile %s, without an SDK", (profile) => {
  test("spans and events of a call arrive before its result, also from async tools", async () => {
    await using pit = await start({ profile });
    const events: PythonEvent[] = [];
    const spans: PythonSpan[] = [];
    pit.on("python.event", (event) => events.push(event));
    pit.on("python.span", (span) => spans.push(span));
    if (profile !== "async") {
      const before = Date.now();
      await pit.execute("ask_host", { question: "why" });
      expect(events).toMatchObject([
        {
          pool: "default",
          tool: "ask_host",
          event: "question.prepared",
          measurements: { length: 3 },
          metadata: { language: "en" },
          correlationId: spans[0]?.correlationId,
        },
      ]);
      expect(events[0]?.emittedAt).toBeGreaterThan(before - 1_000);
      expect(paths(spans).sort()).toEqual(["ask_host", "ask_host > ask", "ask_host > prepare"]);
      expect(spans.find(({ isExecution }) => isExecution)?.span).toBe("ask_host");
    }
    spans.length = 0;
    await pit.execute("ask_host_async", { question: "why" });
    expect(paths(spans).sort()).toEqual(["ask_host_async", "ask_host_async > ask"]);
  });

  test("each event of a generator arrives before its chunk, and a span lasts from the first chunk to the end", async () => {
    await using pit = await start({ profile });
    const order: unknown[] = [];
    pit.on("python.event", ({ measurements }) => order.push(measurements["number"]));
    pit.on("python.span", ({ span }) => order.push(span));
    for (const tool of profile === "async" ? ["count_async"] : ["count", "count_async"]) {
      order.length = 0;
      for await (const number of pit.stream<number>(tool, { to: 3 })) {
        expect(order).toContain(number);
      }
      expect(order.slice(0, 3)).toEqual([0, 1, 2]);
      expect(order.slice(3).sort()).toEqual([tool, "counting"].sort());
    }
  });

  test("calls at the same time keep their spans apart", async () => {
    await using pit = await start({ profile, size: 1, ...(profile !== "process" && { capacity: 8 }) });
    const spans: PythonSpan[] = [];
    pit.on("python.span", (span) => spans.push(span));
    const questions = Array.from({ length: 20 }, (_, index) => `q${index}`);
    await Promise.all(questions.map((question) => pit.execute("ask_host_async", { question })));
    const byCall = Map.groupBy(spans, ({ correlationId }) => correlationId);
    expect(byCall.size).toBe(20);
    for (const call of byCall.values()) expect(paths(call).sort()).toEqual(["ask_host_async", "ask_host_async > ask"]);
  });
});

test("an exception is reported with the spans that it has left", async () => {
  await using pit = await start();
  const spans: PythonSpan[] = [];
  pit.on("python.span", (span) => spans.push(span));
  await failure(pit.execute("look_up", { question: "?" }));
  const error = { errorType: "ValueError", errorMessage: "no question" };
  expect(paths(spans).sort()).toEqual(["look_up", "look_up > search"]);
  expect(spans).toMatchObject([error, error]);
});

test("nothing is recorded without a listener, and workers learn of one at run time", async () => {
  await using pit = await start();
  await pit.execute("look_up", { question: "a" });
  const spans: PythonSpan[] = [];
  const unsubscribe = pit.on("python.span", (span) => spans.push(span));
  await pit.execute("look_up", { question: "b" });
  expect(spans).toHaveLength(2);
  unsubscribe();
  await pit.execute("look_up", { question: "c" });
  expect(spans).toHaveLength(2);
});

test("a listener of all events receives those of Python, and the signal of a subscription ends the recording", async () => {
  await using pit = await start();
  const ended = new AbortController();
  const names: string[] = [];
  pit.onAny(({ name }) => names.push(name), { signal: ended.signal });
  await pit.execute("ask_host", { question: "why" });
  // Heartbeats (`python.memory`) arrive at any time.
  const recorded = names.filter((name) => name === "python.event" || name === "python.span");
  expect(recorded.sort()).toEqual(["python.event", "python.span", "python.span", "python.span"]);
  ended.abort();
  names.length = 0;
  await pit.execute("ask_host", { question: "why" });
  expect(names).toEqual([]);
});

describe("pit.telemetry.python()", () => {
  test("filters, samples and switches off in present and future workers", async () => {
    await using pit = await start({ pythonTelemetry: { events: ["question.*"] } });
    const names: string[] = [];
    pit.on("python.event", ({ event }) => names.push(event));
    pit.on("python.span", ({ span }) => names.push(span));
    const run = async () => {
      names.length = 0;
      await pit.execute("ask_host", { question: "why" });
      await pit.execute("flood", { spans: 0, events: 1 });
      return [...names].sort();
    };
    expect(await run()).toEqual(["ask", "ask_host", "flood", "prepare", "question.prepared"]);
    pit.telemetry.python({ spans: ["ask"], events: true });
    expect(await run()).toEqual(["ask", "ask_host", "flood", "noise", "question.prepared"]);
    expect(pit.telemetry.python({ spans: false, events: false })).toMatchObject({ spans: [], events: [], sampling: 1 });
    expect(await run()).toEqual(["ask_host", "flood"]);
    pit.telemetry.python({ spans: true, events: true, sampling: 0 });
    expect(await run()).toEqual([]);
    pit.telemetry.python({ sampling: 1 });
    const [worker] = pit.workers();
    await pit.recycle(worker?.id ?? "");
    expect(await run()).toEqual(["ask", "ask_host", "flood", "noise", "prepare", "question.prepared"]);
    pit.telemetry.python({ enabled: false });
    expect(await run()).toEqual([]);
  });

  test("a sample contains a share of the calls, each with all of its spans", async () => {
    await using pit = await start({ pythonTelemetry: { sampling: 0.5 } });
    const spans: PythonSpan[] = [];
    pit.on("python.span", (span) => spans.push(span));
    for (let call = 0; call < 200; call++) await pit.execute("look_up", { question: "a" });
    const byCall = Map.groupBy(spans, ({ correlationId }) => correlationId);
    expect(byCall.size).toBeGreaterThan(20);
    expect(byCall.size).toBeLessThan(180);
    for (const call of byCall.values()) expect(call).toHaveLength(2);
  });

  test("names every mistake and changes nothing", async () => {
    await using pit = await start();
    const wrong = { sampling: 2, events: ["a b"], maxPerSecond: 0, sample: 1 } as never;
    expect(() => pit.telemetry.python(wrong)).toThrow(
      /^telemetry\.python\(\): sample is not an option; the options are enabled, .*\nsampling must be a number from 0 to 1; got 2.*\nevents\.0 must be a name.*\nmaxPerSecond must be an integer/s,
    );
    expect(pit.telemetry.python()).toMatchObject({ sampling: 1, events: ["*"] });
  });

  test("reports garbage collections", async () => {
    await using pit = await start({ pythonTelemetry: { gc: true } });
    const collected = Promise.withResolvers<SnakepitEvents["python.gc"]>();
    pit.on("python.gc", (event) => {
      // The interpreter may collect by itself before, and find nothing.
      if (event.generation === 2 && event.collected > 0) collected.resolve(event);
    });
    await pit.execute("cycle");
    const event = await collected.promise;
    expect(event).toMatchObject({ pool: "default", workerId: pit.workers()[0]?.id, uncollectable: 0 });
    expect(event.durationMs).toBeGreaterThan(0);
  });
});

test("more spans and events than the limit allows are dropped and counted", async () => {
  await using pit = await start({ pythonTelemetry: { maxPerSecond: 100 } });
  let spans = 0;
  let events = 0;
  const dropped = { spans: 0, events: 0 };
  pit.on("python.span", ({ isExecution }) => {
    if (!isExecution) spans += 1;
  });
  pit.on("python.event", () => {
    events += 1;
  });
  pit.on("python.dropped", (loss) => {
    dropped.spans += loss.spans;
    dropped.events += loss.events;
  });
  await pit.execute("flood", { spans: 5_000, events: 5_000 });
  // The rest of the numbers comes with the next call at the latest.
  await pit.execute("flood", { spans: 0, events: 0 });
  expect(spans).toBeGreaterThanOrEqual(100);
  expect([spans + dropped.spans, events + dropped.events]).toEqual([5_000, 5_000]);
  expect(dropped.spans).toBeGreaterThan(0);
  expect(dropped.events).toBeGreaterThan(0);
});

test("executions above the limit are dropped and counted, and do not use up what tools record", async () => {
  await using pit = await start({ pythonTelemetry: { maxPerSecond: 20 } });
  const recorded = { executions: 0, dropped: 0, events: 0 };
  pit.on("python.span", ({ isExecution }) => {
    if (isExecution) recorded.executions += 1;
  });
  pit.on("python.dropped", ({ spans }) => {
    recorded.dropped += spans;
  });
  await Promise.all(Array.from({ length: 500 }, () => pit.execute("trace_context")));
  await until("every execution is reported", () => recorded.executions + recorded.dropped >= 500);
  expect(recorded.executions + recorded.dropped).toBe(500);
  expect(recorded.executions).toBeGreaterThanOrEqual(20);
  expect(recorded.dropped).toBeGreaterThan(0);
  pit.on("python.event", () => {
    recorded.events += 1;
  });
  await pit.execute("flood", { spans: 0, events: 20 });
  expect(recorded.events).toBe(20);
});

test("current_call() has the correlation ID and the trace ID of the caller", async () => {
  await using pit = await start();
  const traceparent = `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`;
  expect(await pit.execute("trace_context", {}, { traceparent })).toEqual([expect.any(String), "ab".repeat(16)]);
  expect(await pit.execute("trace_context")).toEqual([expect.any(String), null]);
  const error = await failure(pit.execute("trace_context", {}, { traceparent: "00-1-2-01" }));
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
  expect(error.message).toContain('traceparent must be a W3C trace context such as "00-');
});
