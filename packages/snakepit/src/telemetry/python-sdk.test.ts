import { join } from "node:path";
import { expect, test } from "vitest";
import { hostTool, python, Snakepit, type SnakepitEvents } from "../index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { setUpTracing } from "../testing/otel-tracing.ts";
import { OtlpReceiver } from "../testing/otlp-receiver.ts";

const TOOLS = join(import.meta.dirname, "../testing/sdk_tools.py");
const TRACE_ID = "12".repeat(16);
const PARENT_ID = "34".repeat(8);
const traceparent = `00-${TRACE_ID}-${PARENT_ID}-01`;
const options = commonOptions();

interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly kind: string;
  readonly status: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
}

async function start(env: Record<string, string> = { TRACED: "yes" }) {
  const pit = await Snakepit.start({ ...options(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1, env });
  pit.hostTools.register([hostTool({ name: "answer", description: "Answers a question.", run: () => "because" })]);
  /** Resolves with the spans that Python has exported, without those of this call. */
  const exported = async () => {
    const spans = await pit.execute<ExportedSpan[]>("take_exported");
    return spans.filter(({ attributes }) => attributes["snakepit.tool"] !== "take_exported");
  };
  return { pit, exported };
}

test("with an SDK in Python and none here, its spans belong to the trace of the caller", async () => {
  const { pit, exported } = await start();
  await using _ = pit;
  await pit.execute("work", { ask: false }, { traceparent });
  const [user, load, execution] = await exported();
  expect(execution).toMatchObject({
    name: "snakepit.python work",
    traceId: TRACE_ID,
    parentSpanId: PARENT_ID,
    kind: "SERVER",
    attributes: { "snakepit.pool": "default", "snakepit.tool": "work", "snakepit.worker.id": pit.workers()[0]?.id },
  });
  expect(load).toMatchObject({
    name: "load",
    parentSpanId: execution?.spanId,
    attributes: { model: "small", rows: 3 },
    events: ["loaded"],
  });
  expect(user).toMatchObject({ name: "user", traceId: TRACE_ID, parentSpanId: load?.spanId });
});

test("a call outside of any trace is the root of its trace in Python", async () => {
  const { pit, exported } = await start();
  await using _ = pit;
  await failure(pit.execute("work", { ask: false, fail: true }));
  const [, load, execution] = await exported();
  expect(execution).toMatchObject({ parentSpanId: null, status: "ERROR" });
  expect(load).toMatchObject({ status: "ERROR", events: ["loaded", "exception"] });
});

test("with an SDK on both sides, each exports its own spans of one trace, and none twice", async () => {
  await using receiver = await OtlpReceiver.open();
  await using tracing = setUpTracing(receiver.url);
  const { pit, exported } = await start();
  await using _ = pit;
  await pit.execute("work", { ask: true }, { traceparent });
  await tracing.flush();
  const own = receiver.spans.filter(({ traceId }) => traceId === TRACE_ID);
  expect(own.map(({ name }) => name).sort()).toEqual([
    "snakepit.execute work",
    "snakepit.host_tool answer",
    "snakepit.queue",
    "snakepit.transport",
    "snakepit.transport",
  ]);
  const [user, , execution] = await exported();
  expect(execution?.parentSpanId).toBe(receiver.spans.find(({ name }) => name === "snakepit.execute work")?.spanId);
  expect(receiver.span("snakepit.host_tool answer").parentSpanId).toBe(user?.spanId);
});

test("an SDK that a tool sets up is used by later calls, and its events still arrive here", async () => {
  const { pit, exported } = await start({});
  await using _ = pit;
  const events: SnakepitEvents["python.event"][] = [];
  pit.on("python.event", (event) => events.push(event));
  await pit.execute("start_sdk");
  // The worker looks for an SDK at intervals.
  for (;;) {
    await pit.execute("work", { ask: false }, { traceparent });
    const spans = await exported();
    if (spans.some(({ name }) => name === "snakepit.python work")) break;
  }
  expect(events.at(-1)).toMatchObject({ event: "loaded", tool: "work", measurements: { seconds: 0.5 } });
});
