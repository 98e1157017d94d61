import { type CallInfo, SnakepitError } from "@snakepit/core";
import { describe, expect, test } from "vitest";
import { createTelemetry, type Telemetry } from "../telemetry.ts";
import { setUpOtelSdk } from "../testing/otel-sdk.ts";
import type { HostReadings, PoolReading, WorkerReading } from "./host-readings.ts";
import { DURATION_BOUNDS, METRIC_ATTRIBUTES } from "./instrument-definition.ts";
import { INSTRUMENT_NAMES, INSTRUMENTS } from "./instruments.ts";
import { type MetricsOptions, openMetrics } from "./metrics-endpoint.ts";
import { labelName, prometheusName } from "./prometheus-names.ts";
import { HistogramSeries } from "./series.ts";

const CALL: CallInfo = { pool: "ml", tool: "predict", correlationId: "c-1", streaming: false };

/** Returns the lines of the metrics whose names begin with a prefix, without zero buckets. */
function linesOf(telemetry: Telemetry, prefix: string, options?: MetricsOptions): string[] {
  const { text } = openMetrics(telemetry.metrics, options).read();
  return text.split("\n").filter((line) => line.startsWith(prefix));
}

function measured(options?: MetricsOptions): Telemetry {
  const telemetry = createTelemetry({ logger: false });
  openMetrics(telemetry.metrics, options);
  return telemetry;
}

describe("the table of instruments", () => {
  test.each(INSTRUMENT_NAMES)("%s has a name, a description and a unit that both systems accept", (name) => {
    const { text, kind } = INSTRUMENTS[name];
    expect(name).toMatch(/^snakepit(\.[a-z]+(_[a-z]+)*)+$/);
    expect(text).toMatch(/^[A-Z1].*\.$/);
    const inPrometheus = prometheusName(name);
    expect(inPrometheus).toMatch(/^snakepit(_[a-z]+)+$/);
    expect(inPrometheus.endsWith("_total")).toBe(kind === "counter");
    expect(inPrometheus).not.toMatch(/_(count|sum|bucket)$/);
  });

  test("has no two metrics or labels with the same name in Prometheus", () => {
    expect(new Set(INSTRUMENT_NAMES.map(prometheusName)).size).toBe(INSTRUMENT_NAMES.length);
    // In OpenMetrics, the family of a counter has no suffix.
    const families = INSTRUMENT_NAMES.map((name) => prometheusName(name).replace(/_total$/, ""));
    expect(new Set(families).size).toBe(INSTRUMENT_NAMES.length);
    const labels = Object.keys(METRIC_ATTRIBUTES).map(labelName);
    expect(new Set(labels).size).toBe(labels.length);
  });

  test("keeps the names of released instruments", () => {
    expect(INSTRUMENT_NAMES).toEqual(
      expect.arrayContaining([
        "snakepit.calls",
        "snakepit.call.duration",
        "snakepit.queue.duration",
        "snakepit.pool.workers",
        "snakepit.worker.restarts",
      ]),
    );
    expect(prometheusName("snakepit.calls")).toBe("snakepit_calls_total");
    expect(prometheusName("snakepit.call.duration")).toBe("snakepit_call_duration_seconds");
    expect(prometheusName("snakepit.pool.capacity.utilization")).toBe("snakepit_pool_capacity_utilization_ratio");
  });
});

test("a value is counted up to the first bound that is not smaller", () => {
  const series = new HistogramSeries({});
  const [first = 0, second = 0] = DURATION_BOUNDS;
  for (const value of [0, first, first + 1e-9, second, 1e9]) series.record(value);
  expect(series.counts.slice(0, 3)).toEqual([2, 2, 0]);
  expect(series.counts.at(-1)).toBe(1);
  expect(series.count).toBe(5);
});

describe("calls", () => {
  test("are not measured before the first use", () => {
    const telemetry = createTelemetry({ logger: false });
    expect(telemetry.startCall(CALL)).toBeUndefined();
    expect(telemetry.listens["tool.called"]).toBe(false);
    openMetrics(telemetry.metrics);
    expect(telemetry.startCall(CALL)).toBeDefined();
    expect(telemetry.listens["tool.called"]).toBe(true);
  });

  test("are counted by tool and error code, with their durations", () => {
    const telemetry = measured();
    const call = telemetry.startCall(CALL, performance.now() - 20_000);
    call?.dispatched("ml-1", performance.now() - 5_000);
    call?.executed?.(4_000);
    call?.ended();
    telemetry.startCall(CALL)?.ended(new SnakepitError("QUEUE_TIMEOUT", "too late"));
    const labels = 'snakepit_pool="ml",snakepit_tool="predict"';
    expect(linesOf(telemetry, "snakepit_calls_total")).toEqual([
      `snakepit_calls_total{${labels}} 1`,
      `snakepit_calls_total{${labels},error_type="QUEUE_TIMEOUT"} 1`,
    ]);
    const bucket = (name: string, le: string) => linesOf(telemetry, `snakepit_${name}_bucket{${labels},le="${le}"}`);
    expect(bucket("call_duration_seconds", "10.0")[0]).toMatch(/ 0$/);
    expect(bucket("call_duration_seconds", "30.0")[0]).toMatch(/ 1$/);
    expect(bucket("queue_duration_seconds", "10.0")[0]).toMatch(/ 0$/);
    expect(bucket("queue_duration_seconds", "30.0")[0]).toMatch(/ 1$/);
    expect(bucket("call_execution_duration_seconds", "2.5")[0]).toMatch(/ 0$/);
    expect(bucket("call_execution_duration_seconds", "5.0")[0]).toMatch(/ 1$/);
  });

  test("of unknown tools share a name, and of tools beyond the limit another one", () => {
    const telemetry = measured({ maxTools: 2 });
    const end = (tool: string, error?: SnakepitError) => telemetry.startCall({ ...CALL, tool })?.ended(error);
    const unknown = new SnakepitError("UNKNOWN_TOOL", "no such tool");
    for (const tool of ["x1", "x2"]) end(tool, unknown);
    // Rejected before the name was checked.
    end("x3", new SnakepitError("POOL_SATURATED", "full"));
    for (const tool of ["a", "b", "c", "d", "a"]) end(tool);
    const counts = linesOf(telemetry, "snakepit_calls_total").map((line) =>
      /tool="(\w+)".* (\d+)$/.exec(line)?.slice(1),
    );
    expect(counts).toEqual([
      ["_unknown", "2"],
      ["_unknown", "1"],
      ["a", "2"],
      ["b", "1"],
      ["_other", "2"],
    ]);
  });

  test("that yield chunks are measured with their chunks", () => {
    const telemetry = measured();
    const call = telemetry.startCall({ ...CALL, streaming: true, credit: 2 });
    call?.dispatched("ml-1");
    call?.chunk?.(10, 1);
    call?.chunk?.(5, 0);
    call?.granted?.();
    call?.ended();
    telemetry.startCall({ ...CALL, streaming: true })?.ended(new SnakepitError("POOL_SATURATED", "full"));
    const labels = 'snakepit_pool="ml",snakepit_tool="predict"';
    expect(linesOf(telemetry, "snakepit_streams_total")).toEqual([`snakepit_streams_total{${labels}} 1`]);
    expect(linesOf(telemetry, "snakepit_stream_size_bytes_total")[0]).toMatch(/ 15$/);
    expect(linesOf(telemetry, "snakepit_stream_first_chunk_duration_seconds_count")[0]).toMatch(/ 1$/);
  });
});

const WORKER: WorkerReading = {
  id: "ml-1",
  state: "busy",
  isLate: false,
  ageMs: 2_000,
  rssBytes: 100,
  cpuLoad: 0.5,
  threads: 3,
};

const POOL: PoolReading = {
  pool: "ml",
  state: "ready",
  size: 2,
  starting: 0,
  active: 3,
  capacity: 4,
  load: 3,
  queued: 5,
  queueLimit: 10,
  oldestMs: 1_500,
  queueTimeouts: 1,
  saturated: 2,
  crashed: 3,
  memoryLimitBytes: 1_000,
  recycleAtBytes: undefined,
  workers: [WORKER, { ...WORKER, id: "ml-2", state: "stuck", isLate: true, ageMs: 1_000, rssBytes: 300 }],
};

function readings(): HostReadings {
  return { version: "1.2.3", startedAt: Date.now() - 60_000, sessions: () => 7, pools: () => [POOL] };
}

describe("the state of a host", () => {
  test("is read from its pools, aggregated over the workers", () => {
    const telemetry = measured();
    telemetry.metrics.provide(readings());
    const { text } = openMetrics(telemetry.metrics).read();
    for (const line of [
      'snakepit_pool_state{snakepit_pool="ml",snakepit_pool_state="ready"} 1',
      'snakepit_pool_state{snakepit_pool="ml",snakepit_pool_state="failed"} 0',
      'snakepit_pool_capacity_utilization_ratio{snakepit_pool="ml"} 0.75',
      'snakepit_queue_oldest_seconds{snakepit_pool="ml"} 1.5',
      'snakepit_worker_crashes_total{snakepit_pool="ml"} 3',
      'snakepit_workers{snakepit_pool="ml",snakepit_worker_state="stuck"} 1',
      'snakepit_worker_memory_usage_bytes{snakepit_pool="ml"} 400',
      'snakepit_worker_memory_max_bytes{snakepit_pool="ml"} 300',
      'snakepit_worker_memory_limit_bytes{snakepit_pool="ml"} 1000',
      'snakepit_worker_cpu_usage{snakepit_pool="ml"} 1',
      'snakepit_worker_uptime_seconds{snakepit_pool="ml"} 2',
      'snakepit_worker_heartbeat_late{snakepit_pool="ml"} 1',
      'snakepit_worker_heartbeat_missed_total{snakepit_pool="ml"} 0',
      "snakepit_session_active 7",
      'snakepit_host_info{snakepit_version="1.2.3"} 1',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
    expect(text).not.toContain("snakepit_worker_memory_recycle_at_bytes");
  });

  test("has series of each worker on request", () => {
    const telemetry = measured();
    telemetry.metrics.provide(readings());
    expect(linesOf(telemetry, "snakepit_worker_memory_usage_bytes", { byWorker: true })).toEqual([
      'snakepit_worker_memory_usage_bytes{snakepit_pool="ml",snakepit_worker_id="ml-1"} 100',
      'snakepit_worker_memory_usage_bytes{snakepit_pool="ml",snakepit_worker_id="ml-2"} 300',
    ]);
  });

  test("counts its events from the start, also before the first use", () => {
    const telemetry = createTelemetry({ logger: false });
    const exit = { requested: false, signal: "SIGSEGV", stderrTail: "" };
    telemetry.emit("worker.exited", { pool: "ml", workerId: "ml-1", pid: 7, exit });
    telemetry.emit("circuit.opened", {
      pool: "ml",
      tool: "predict",
      calls: 4,
      failures: 3,
      openMs: 1_000,
      error: new SnakepitError("WORKER_CRASHED", "gone"),
    });
    expect(linesOf(telemetry, "snakepit_worker_exits_total")).toEqual([
      'snakepit_worker_exits_total{snakepit_pool="ml",snakepit_exit="SIGSEGV"} 1',
    ]);
    expect(linesOf(telemetry, "snakepit_circuit_state")).toContain(
      'snakepit_circuit_state{snakepit_pool="ml",snakepit_tool="predict",snakepit_circuit_state="open"} 1',
    );
    expect(linesOf(telemetry, "snakepit_events_total")).toContain(
      'snakepit_events_total{snakepit_event="worker.exited",snakepit_pool="ml"} 1',
    );
  });

  test("counts the garbage collections of Python, which workers report while they are measured", () => {
    const telemetry = createTelemetry({ logger: false });
    expect(telemetry.listens["python.gc"]).toBe(false);
    openMetrics(telemetry.metrics);
    expect(telemetry.listens["python.gc"]).toBe(true);
    const worker = { pool: "ml", workerId: "ml-1" };
    for (const collected of [20, 5]) {
      const collection = { generation: 2, startedAt: Date.now(), durationMs: 40, collected, uncollectable: 1 };
      telemetry.emit("python.gc", { ...worker, ...collection });
    }
    telemetry.emit("python.dropped", { ...worker, spans: 2, events: 3 });
    const labels = 'snakepit_pool="ml",snakepit_gc_generation="2"';
    expect(linesOf(telemetry, "snakepit_worker_gc_duration_seconds_sum")).toEqual([
      `snakepit_worker_gc_duration_seconds_sum{${labels}} 0.08`,
    ]);
    expect(linesOf(telemetry, "snakepit_worker_gc_collected_total")[0]).toMatch(/ 25$/);
    expect(linesOf(telemetry, "snakepit_worker_gc_uncollectable_total")[0]).toMatch(/ 2$/);
    expect(linesOf(telemetry, "snakepit_worker_telemetry_dropped_total")).toEqual([
      'snakepit_worker_telemetry_dropped_total{snakepit_pool="ml"} 5',
    ]);
  });

  test("reports a store that does not answer until its next answer", async () => {
    const telemetry = measured();
    const { operations } = telemetry.metrics;
    const away = new SnakepitError("REGISTRY_UNAVAILABLE", "away");
    await operations.measure("store", "readSession", () => Promise.reject(away)).catch(() => {});
    expect(linesOf(telemetry, "snakepit_store_up")).toEqual(["snakepit_store_up 0"]);
    expect(linesOf(telemetry, "snakepit_store_operations_total")).toEqual([
      'snakepit_store_operations_total{snakepit_operation="readSession",error_type="REGISTRY_UNAVAILABLE"} 1',
    ]);
    expect(await operations.measure("store", "readSession", async () => 42)).toBe(42);
    expect(linesOf(telemetry, "snakepit_store_up")).toEqual(["snakepit_store_up 1"]);
  });
});

test("an OpenTelemetry SDK exports the state, the counters and the durations of the host", async () => {
  await using sdk = setUpOtelSdk();
  const telemetry = createTelemetry({ logger: false });
  await telemetry.ready();
  telemetry.metrics.provide(readings());
  const call = telemetry.startCall(CALL);
  call?.dispatched("ml-1");
  call?.executed?.(4_000);
  call?.ended();
  telemetry.emit("worker.ready", { pool: "ml", workerId: "ml-1", pid: 7, durationMs: 500 });
  const dataOf = async (name: string) => (await sdk.metric(name))?.dataPoints;
  expect(await dataOf("snakepit.queue.length")).toMatchObject([{ attributes: { "snakepit.pool": "ml" }, value: 5 }]);
  expect(await dataOf("snakepit.calls")).toMatchObject([{ value: 1 }]);
  expect(await dataOf("snakepit.call.execution.duration")).toMatchObject([{ value: { sum: 4, count: 1 } }]);
  expect(await dataOf("snakepit.worker.start.duration")).toMatchObject([{ value: { sum: 0.5, count: 1 } }]);
  expect((await sdk.metric("snakepit.queue.oldest"))?.descriptor).toMatchObject({ unit: "s" });
});

describe("the endpoint", () => {
  test("answers GET and HEAD, and no other method", async () => {
    const { handler } = openMetrics(measured().metrics);
    const answered = await handler(new Request("http://localhost/metrics"));
    expect(answered.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(await answered.text()).toContain("# TYPE snakepit_host_memory_usage_bytes gauge\n");
    const head = await handler(new Request("http://localhost/metrics", { method: "HEAD" }));
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const posted = await handler(new Request("http://localhost/metrics", { method: "POST" }));
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test("answers in the format of OpenMetrics, with exemplars, to a client that names it", async () => {
    const telemetry = measured();
    const endpoint = openMetrics(telemetry.metrics);
    const traced = (flags: string, ms: number) =>
      telemetry
        .startCall(
          { ...CALL, callerTraceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-${flags}` },
          performance.now() - ms,
        )
        ?.ended();
    traced("01", 20_000);
    traced("00", 20_000);
    telemetry.startCall({ ...CALL, callerTraceparent: "invalid" })?.ended();
    const accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    const answered = await endpoint.handler(new Request("http://localhost/metrics", { headers: { accept } }));
    expect(answered.headers.get("content-type")).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    const text = await answered.text();
    expect(text).toContain("# TYPE snakepit_calls counter\n");
    expect(text).toContain(
      "# TYPE snakepit_call_duration_seconds histogram\n# UNIT snakepit_call_duration_seconds seconds\n",
    );
    expect(text.endsWith("\n# EOF\n")).toBe(true);
    const exemplars = text.split("\n").filter((line) => line.includes(" # "));
    expect(exemplars.filter((line) => line.startsWith("snakepit_call_duration_seconds"))).toEqual([
      expect.stringMatching(/le="30\.0"} 3 # {trace_id="a{32}",span_id="b{16}"} 2\d\.\d+ \d{10}\.?\d*$/),
    ]);
    const withoutExemplars = text
      .replaceAll(/ # .*$/gm, "")
      .split("\n")
      .filter((line) => /^snakepit_call/.test(line));
    expect(withoutExemplars).toEqual(linesOf(telemetry, "snakepit_call"));
  });

  test.each([
    [undefined, "text/plain"],
    ["*/*", "text/plain"],
    ["text/plain;version=0.0.4;q=0.5,application/openmetrics-text;q=0.25", "text/plain"],
    ["application/openmetrics-text;q=0", "text/plain"],
    ["Application/OpenMetrics-Text; version=1.0.0; q=0.6, text/plain;q=0.3", "application/openmetrics-text"],
  ])("answers a client that accepts %j with %s", (accept, expected) => {
    const { contentType } = openMetrics(measured().metrics).read({ accept });
    expect(contentType.split(";")[0]).toBe(expected);
  });

  test("escapes labels", () => {
    const telemetry = measured();
    telemetry.startCall({ ...CALL, tool: 'a"b\\c' })?.ended();
    expect(linesOf(telemetry, "snakepit_calls_total")).toEqual([
      'snakepit_calls_total{snakepit_pool="ml",snakepit_tool="a\\"b\\\\c"} 1',
    ]);
  });

  test.each([
    [{ byWorker: 1 }, "byWorker must be a boolean; got 1"],
    [{ maxTools: 0 }, "maxTools must be a positive integer; got 0"],
    [{ perWorker: true }, "perWorker"],
  ])("rejects the options %o", (options, message) => {
    expect(() => openMetrics(createTelemetry({ logger: false }).metrics, options as MetricsOptions)).toThrow(message);
  });
});
