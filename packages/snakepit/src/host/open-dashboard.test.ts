import { setTimeout as sleep } from "node:timers/promises";
import { SnakepitError, type WorkerSpec } from "@snakepit/core";
import { AuditedPage } from "@snakepit/dashboard/testing/audited-page";
import { startBrowser } from "@snakepit/dashboard/testing/browser";
import type { FakeCall } from "@snakepit/pool/testing/fake-call";
import { FakeLauncher } from "@snakepit/pool/testing/fake-launcher";
import { expect, test } from "vitest";
import { Snakepit } from "../snakepit.ts";

/** Creates workers without processes, which execute calls as `run` does. */
function fakeWorkers(run: (call: FakeCall) => void): WorkerSpec {
  return { language: "fake", target: "fake", createLauncher: async () => new FakeLauncher({ run }) };
}

const echo = fakeWorkers((call) => call.value(null));

function startHost(): Promise<Snakepit> {
  return Snakepit.start({ worker: echo, size: 2, logger: false });
}

async function read(url: string, token: string, path: string): Promise<unknown> {
  const response = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` } });
  return await response.json();
}

test("a dashboard records the calls that start while it is open, and is closed with the host", async () => {
  const pit = await startHost();
  await pit.ready();
  await pit.execute("echo");
  const { url, token } = await pit.dashboard();
  await pit.execute("echo");
  await expect(pit.execute("unknown")).rejects.toMatchObject({ code: "UNKNOWN_TOOL" });
  expect(await read(url, token, "/api/calls")).toMatchObject({
    recent: [
      { tool: "unknown", error: { code: "UNKNOWN_TOOL" } },
      { tool: "echo", workerId: "default-1" },
    ],
  });
  expect(await read(url, token, "/api/workers")).toHaveLength(2);
  expect(await read(url, token, "/api/history?pool=defalt")).toMatchObject({
    error: { code: "UNKNOWN_POOL", message: 'unknown pool "defalt"; did you mean "default"? available pools: default' },
  });
  expect(await read(url, token, "/api/history?pool=default")).toHaveProperty("calls");
  await pit.close();
  await expect(fetch(url)).rejects.toThrow();
  await expect(pit.dashboard()).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
});

test("several dashboards are independent, and a closed one records nothing", async () => {
  await using pit = await startHost();
  const first = await pit.dashboard();
  const second = await pit.dashboard();
  await first.close();
  await first.close();
  await pit.execute("echo");
  expect(await read(second.url, second.token, "/api/calls")).toMatchObject({ recent: [{ tool: "echo" }] });
  await expect(fetch(first.url)).rejects.toThrow();
});

test("an invalid option leaves the host unchanged", async () => {
  await using pit = await startHost();
  await expect(pit.dashboard({ port: -1 })).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  await expect(pit.dashboard({ hostname: "0.0.0.0" })).rejects.toThrow(/requires TLS/);
  expect(await pit.execute("echo")).toBeNull();
});

test("1,000 workers and 5,000 calls per second: the page shows them with little work per second", async ({
  annotate,
}) => {
  const run = (call: FakeCall) => {
    // The calls overlap, so that workers are busy.
    setTimeout(() => {
      if (Math.random() < 0.01) call.fail(new SnakepitError("PYTHON_EXCEPTION", "echo() raised ValueError: odd"));
      else call.value(null);
    }, 40);
  };
  await using pit = await Snakepit.start({ worker: fakeWorkers(run), size: 1_000, queueLimit: 100_000, logger: false });
  const { url } = await pit.dashboard();
  const load = new AbortController();
  const calling = callAtRate(pit, 5_000, load.signal);
  await using browser = await startBrowser();
  await using audited = await AuditedPage.open(browser, url, "light");
  const { page } = audited;
  page.setDefaultTimeout(120_000);
  for (const [view, ready] of [
    ["overview", ".pool"],
    ["workers", ".table-space .table-row"],
    ["calls", ".waterfall"],
  ] as const) {
    await audited.show(view);
    await page.locator(ready).first().waitFor();
    const work = await workOf(browser, page, 5);
    await annotate(`${view}: ${JSON.stringify(work)}`);
    // Processor time, which other work on the machine does not change: the duration of a frame on a free one.
    expect(work.longestTaskMs).toBeLessThan(100);
    expect(work.elements).toBeLessThan(1_500);
    expect(work.mutationsPerSecond).toBeLessThan(1_500);
  }
  load.abort();
  await calling;
  expect(audited.problems).toEqual([]);
});

/** Makes calls at a rate until `signal` aborts. A machine that cannot keep up makes fewer. */
async function callAtRate(pit: Snakepit, perSecond: number, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const active = new Set<Promise<unknown>>();
  let made = 0;
  while (!signal.aborted) {
    const due = Math.min(((performance.now() - start) / 1_000) * perSecond, made + perSecond / 10);
    for (; made < due; made += 1) {
      const call = pit.execute("echo").catch(() => {});
      active.add(call);
      void call.then(() => active.delete(call));
    }
    await sleep(5);
  }
  await Promise.all(active);
}

interface PageWork {
  /** The longest task of the main thread, in milliseconds of processor time. */
  readonly longestTaskMs: number;
  /** The longest time between two frames, in milliseconds; also depends on the other work of the machine. */
  readonly longestFrameMs: number;
  readonly elements: number;
  readonly mutationsPerSecond: number;
}

/** Measures the work of the page for a number of live messages. */
async function workOf(
  browser: Awaited<ReturnType<typeof startBrowser>>,
  page: AuditedPage["page"],
  messages: number,
): Promise<PageWork> {
  await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
  const measured = await page.evaluate<Omit<PageWork, "longestTaskMs">>(`new Promise((resolve) => {
    let mutations = 0, updates = 0, lastFrame = performance.now(), longest = 0;
    const observer = new MutationObserver((records) => { mutations += records.length; });
    observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    const source = new EventSource("/api/live?topics=errors");
    source.addEventListener("live", () => {
      updates += 1;
      if (updates <= ${messages}) return;
      source.close();
      observer.disconnect();
      const elements = document.getElementsByTagName("*").length;
      resolve({ longestFrameMs: Math.round(longest), elements, mutationsPerSecond: Math.round(mutations / ${messages}) });
    });
    requestAnimationFrame(function frame(now) {
      longest = Math.max(longest, now - lastFrame);
      lastFrame = now;
      if (source.readyState !== EventSource.CLOSED) requestAnimationFrame(frame);
    });
  })`);
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: readonly TraceEvent[] };
  const tasks = trace.traceEvents.filter(({ name, tdur }) => /RunTask$/.test(name) && tdur !== undefined);
  expect(tasks.length).toBeGreaterThan(0);
  const longest = Math.max(...tasks.map(({ tdur = 0 }) => tdur / 1_000));
  return { longestTaskMs: Math.round(longest), ...measured };
}

interface TraceEvent {
  readonly name: string;
  /** Processor time of the thread, in microseconds. */
  readonly tdur?: number;
}
