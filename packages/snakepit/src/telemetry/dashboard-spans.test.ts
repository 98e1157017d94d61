import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Dashboard, hostTool, python, Snakepit, type SnakepitConfig } from "../index.ts";
import { commonOptions, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";

const TOOLS = join(import.meta.dirname, "../testing/tracing_tools.py");
/** The number of calls of a worker whose spans are recorded in a second. */
const PER_SECOND = 10;
const options = commonOptions();

interface ShownCall {
  readonly tool: string;
  readonly spans?: readonly { readonly name: string; readonly depth: number }[];
}

async function start(config: Partial<SnakepitConfig> = {}): Promise<Snakepit> {
  const common = { ...options(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1 };
  const pit = await Snakepit.start({ ...common, ...config } as SnakepitConfig);
  pit.hostTools.register([hostTool({ name: "answer", description: "Answers a question.", run: () => "because" })]);
  await pit.ready();
  return pit;
}

/** Returns the recent calls, the last one first. */
async function recentCalls({ url, token }: Dashboard): Promise<readonly ShownCall[]> {
  const response = await fetch(new URL("/api/calls", url), { headers: { authorization: `Bearer ${token}` } });
  return ((await response.json()) as { readonly recent: readonly ShownCall[] }).recent;
}

describe.each(["process", "thread", "async"] as const)("a dashboard of the profile %s", (profile) => {
  test("shows the Python spans of its calls, without an SDK and without a listener", async () => {
    await using pit = await start({ profile });
    const dashboard = await pit.dashboard();
    await pit.execute("ask_host_async", { question: "why" });
    const [call] = await recentCalls(dashboard);
    expect(call?.spans).toMatchObject([{ name: "ask", depth: 0 }]);
  });

  test("shows those of a few calls per second under load, and continues in the next second", async () => {
    await using pit = await start({ profile });
    const dashboard = await pit.dashboard();
    const began = performance.now();
    const ask = () => pit.execute("ask_host_async", { question: "why" });
    await Promise.all(Array.from({ length: 90 }, ask));
    const calls = await recentCalls(dashboard);
    const seconds = (performance.now() - began) / 1_000;
    const sampled = calls.filter(({ spans }) => spans !== undefined);
    expect(calls).toHaveLength(90);
    expect(sampled.length).toBeGreaterThan(0);
    expect(sampled.length).toBeLessThanOrEqual(PER_SECOND * (2 + seconds));
    for (let last: ShownCall | undefined; last?.spans === undefined; [last] = await recentCalls(dashboard)) await ask();
  });
});

test("settings of the host also apply to the spans that a dashboard shows", async () => {
  await using pit = await start();
  const dashboard = await pit.dashboard();
  pit.telemetry.python({ spans: ["prepare"] });
  await pit.execute("ask_host", { question: "why" });
  expect((await recentCalls(dashboard))[0]?.spans).toMatchObject([{ name: "prepare" }]);
  pit.telemetry.python({ enabled: false });
  await pit.execute("ask_host", { question: "why" });
  expect((await recentCalls(dashboard))[0]?.spans).toBeUndefined();
});
