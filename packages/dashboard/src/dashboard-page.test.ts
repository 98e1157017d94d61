import { type Dashboard, type HostWorker, SnakepitError, type WorkerCallInfo } from "@snakepit/core";
import { freePort } from "@snakepit/core/testing/free-port";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CallRecorder } from "./recording/call-recorder.ts";
import { serveDashboard } from "./serve-dashboard.ts";
import { type Appearance, AuditedPage } from "./testing/audited-page.ts";
import { startBrowser } from "./testing/browser.ts";
import { FakeControl, fakeWorker } from "./testing/fake-control.ts";
import { pythonError, recordCall } from "./testing/recorded-calls.ts";

const WAIT = { timeout: 120_000 };
const VIEWS = ["overview", "workers", "calls", "errors", "sessions", "events", "configuration"];

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** Serves the dashboard of a fake host, and opens its page. */
async function open(
  appearance: Appearance = "light",
  prepare?: (control: FakeControl, recorder: CallRecorder) => void,
  port?: number,
) {
  const control = new FakeControl();
  const recorder = new CallRecorder();
  prepare?.(control, recorder);
  const dashboard = await serveDashboard({ control, recorder }, { port });
  const audited = await AuditedPage.open(browser, dashboard.url, appearance);
  // The end of the login replaces the address.
  await audited.page.locator("nav a[aria-current=page]").waitFor();
  const close = async () => {
    await audited[Symbol.asyncDispose]();
    await dashboard.close();
  };
  return { control, recorder, dashboard, audited, page: audited.page, [Symbol.asyncDispose]: close };
}

function withTraffic(control: FakeControl, recorder: CallRecorder): void {
  const call: WorkerCallInfo = {
    ...{ tool: "train", correlationId: "c-1", streaming: false, since: 0, durationMs: 1_234, queueMs: 3 },
    state: "running",
  };
  const busy: HostWorker = { ...fakeWorker("ml-3"), activity: "busy", calls: [call] };
  control.runningWorkers = [...control.runningWorkers, busy, { ...fakeWorker("ml-4"), activity: "stuck" }];
  for (let count = 0; count < 50; count += 1) recordCall(recorder, { tool: count % 3 === 0 ? "predict" : "train" });
  recordCall(recorder, { error: pythonError() });
  recordCall(recorder, { error: new SnakepitError("QUEUE_TIMEOUT", "no worker was free for 5,000 ms") });
}

describe.each(["light", "dark", "phone"] as const)("in %s", (appearance) => {
  test("every view is accessible, with data and without", async () => {
    const empty = ["empty", withoutAnything] as const;
    // Views without data have no other colors and widths than those with data.
    for (const [name, prepare] of [["full", withTraffic] as const, ...(appearance === "light" ? [empty] : [])]) {
      await using opened = await open(appearance, prepare);
      const { audited, page, control } = opened;
      for (const view of VIEWS) {
        await audited.show(view);
        if (view === "events" && name === "full") {
          control.emit("pool.degraded", { pool: "ml", cause: { code: "WORKER_CRASHED", message: "it died" } });
          await page.locator(".table.events .name").first().waitFor();
        }
        if (view === "errors" && name === "full") await page.locator(".error-summary").first().click();
        expect(await audited.audit(`${view}-${name}`)).toEqual([]);
      }
      expect(audited.problems).toEqual([]);
    }
  });

  test("dialogs and the login are accessible", async () => {
    await using opened = await open(appearance, withTraffic);
    const { audited, page } = opened;
    await audited.show("workers");
    for (const [label, name] of [
      ["Recycle ml-3", "recycle"],
      ["Stacks of ml-3", "stacks"],
    ] as const) {
      await page.getByRole("button", { name: label }).click();
      await page.getByRole("dialog").waitFor();
      await page.locator("dialog .loading").waitFor({ state: "detached" });
      expect(await audited.audit(name)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await audited.show("calls");
    await page.locator(".table.calls a").first().click();
    await page.locator(".detailed-waterfall").waitFor();
    expect(await audited.audit("call")).toEqual([]);
    await audited.show("sessions/user%2F42");
    await page.getByRole("cell", { name: "0.7" }).waitFor();
    expect(await audited.audit("session")).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Token").waitFor();
    expect(await audited.audit("login")).toEqual([]);
    expect(audited.problems).toEqual([]);
  });
});

function withoutAnything(control: FakeControl): void {
  control.runningWorkers = [];
  control.sessions = async () => [];
}

test("what callers and tools choose is shown as text", async () => {
  const markup = '<img src="/x" onerror="document.title = 1"><script>document.title = 1</script>';
  await using opened = await open("light", withTraffic);
  const { audited, page, recorder } = opened;
  // Not before the page is open, which takes long on a busy machine: the overview has the calls of the last minute.
  recordCall(recorder, { tool: markup, error: pythonError(markup, markup) });
  for (const view of ["overview", "calls", "errors"]) {
    await audited.show(view);
    await page.getByText("<img src=").first().waitFor();
    expect(await page.locator("img[onerror], main script").count()).toBe(0);
  }
  expect(audited.problems).toEqual([]);
});

test("an address that cannot be decoded, and a pool with the name of a property of objects, are shown", async () => {
  await using opened = await open("light", (control) => {
    control.poolNames = ["ml", "constructor"];
  });
  const { audited, page, dashboard } = opened;
  await page.goto(`${new URL(dashboard.url).origin}/#/calls/%zz`);
  await page.reload();
  await page.locator('nav a[href="#/calls"][aria-current="page"]').waitFor();
  await audited.show("overview");
  // The page requests the history of the pool when it has shown the pool.
  const history = page.waitForResponse(/api\/history\?pool=constructor/);
  await page.locator(".select select").selectOption("constructor");
  await history;
  await page.getByRole("heading", { name: "constructor" }).waitFor();
  expect(audited.problems).toEqual([]);
});

describe("the login", () => {
  test("the token of the address is removed from it, and the cookie remains", async () => {
    await using opened = await open();
    const { page, dashboard } = opened;
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    expect(page.url()).not.toContain(dashboard.token);
    expect(await page.evaluate("document.cookie")).toBe("");
    await page.reload();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
  });

  test("the token is used when something else changes the address while the page starts", async () => {
    await using opened = await open();
    const { page, dashboard } = opened;
    await page.getByText("Live", { exact: true }).waitFor();
    await page.context().clearCookies();
    await page.addInitScript('addEventListener("DOMContentLoaded", () => { location.hash = "#/workers"; })');
    await page.goto("about:blank");
    await page.goto(dashboard.url);
    await page.getByRole("heading", { name: "Workers" }).waitFor();
    expect(page.url()).not.toContain(dashboard.token);
  });

  test("an address with the token, opened in the tab of the page, logs in", async () => {
    await using opened = await open();
    const { page, dashboard } = opened;
    await page.getByText("Live", { exact: true }).waitFor();
    await page.context().clearCookies();
    await page.reload();
    await page.getByLabel("Token").waitFor();
    await page.evaluate(`location.href = ${JSON.stringify(dashboard.url)}`);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    expect(page.url()).not.toContain(dashboard.token);
  });

  test("a token that the host has not answered about is used again", async () => {
    await using opened = await open();
    const { page, dashboard } = opened;
    await page.getByText("Live", { exact: true }).waitFor();
    await page.context().clearCookies();
    await page.route("**/api/login", (request) => request.abort(), { times: 1 });
    await page.goto("about:blank");
    await page.goto(dashboard.url);
    await page.getByText("the host does not answer").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
  });

  test("without the token it is asked for, and a wrong one is rejected", async () => {
    await using opened = await open();
    const { page, dashboard } = opened;
    // The page exchanges its token for a cookie, which would otherwise arrive after this.
    await page.getByText("Live", { exact: true }).waitFor();
    await page.context().clearCookies();
    await page.goto(new URL(dashboard.url).origin);
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Open the dashboard" }).click();
    await expect.poll(() => page.getByRole("alert").textContent(), WAIT).toContain("the token is invalid");
    await page.getByLabel("Token").fill(dashboard.token);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
  });
});

describe("the connection", () => {
  test("a host that ends is reported, and the page continues with the next one", async () => {
    const port = await freePort();
    await using opened = await open("light", undefined, port);
    const { page, control, recorder, dashboard, audited } = opened;
    await page.getByText("Live", { exact: true }).waitFor();
    await dashboard.close();
    await page.getByText("Disconnected").waitFor();
    expect(await audited.audit("disconnected")).toEqual([]);
    await page.getByRole("button", { name: "Reconnect now" }).click();
    await page.getByText("Disconnected").waitFor();
    const next: Dashboard = await serveDashboard({ control, recorder }, { port });
    try {
      // The page reconnects by itself; the next host has another token.
      await page.getByLabel("Token").waitFor();
    } finally {
      await next.close();
    }
  });

  test("a host that cannot report its state is a problem with its reason", async () => {
    await using opened = await open();
    const { page, control, audited } = opened;
    await page.getByText("Live", { exact: true }).waitFor();
    control.inspectionError = new SnakepitError("INTERNAL", "the statistics are not available");
    await page.getByText("the statistics are not available").waitFor();
    expect(await audited.audit("problem")).toEqual([]);
    control.inspectionError = undefined;
    await page.getByText("Live", { exact: true }).waitFor();
  });

  test("data that cannot be read is a failure with another attempt", async () => {
    const failing = (control: FakeControl) => {
      control.sessions = () => Promise.reject(new SnakepitError("REGISTRY_UNAVAILABLE", "the store is away"));
    };
    await using opened = await open("light", failing);
    const { page, control, audited } = opened;
    await audited.show("sessions");
    await page.getByText("the store is away").waitFor();
    expect(await audited.audit("failed")).toEqual([]);
    control.sessions = async () => [];
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("No session is active").waitFor();
  });
});

describe("the keyboard", () => {
  test("reaches every view, and an action with its confirmation", async () => {
    await using opened = await open();
    const { page, control, audited } = opened;
    await page.getByText("Live", { exact: true }).waitFor();
    await page.keyboard.press("Tab");
    expect(await focused(audited)).toContain("Skip to the content");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    expect(await focused(audited)).toContain("Workers");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Workers" }).waitFor();
    await page.getByRole("button", { name: "Recycle ml-2" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Recycle ml-2?" }).waitFor();
    for (let presses = 0; presses < 10 && !(await focused(audited)).includes("Recycle"); presses += 1) {
      await page.keyboard.press("Tab");
    }
    expect(control.actions).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByText("ml-3 has replaced ml-2.").waitFor();
    expect(control.actions).toEqual(["recycle ml-2 undefined"]);
    expect(await focused(audited)).toContain("Recycle ml-2");
  });

  test("cancels an action", async () => {
    await using opened = await open();
    const { page, control, audited } = opened;
    await audited.show("workers");
    await page.getByRole("button", { name: "Drain ml-1" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(control.actions).toEqual([]);
  });
});

test("the colors follow the system until one is chosen, which remains", async () => {
  await using opened = await open("dark");
  const { page } = opened;
  const background = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
  const button = page.getByRole("button", { name: /^Colors/ });
  await button.waitFor();
  const dark = await background();
  await button.click();
  await expect.poll(background, WAIT).not.toBe(dark);
  await page.reload();
  await button.waitFor();
  expect(await background()).not.toBe(dark);
  await button.click();
  await expect.poll(background, WAIT).toBe(dark);
});

test("a list of 1,000 workers has only the visible rows, also after scrolling, and filters all of them", async () => {
  const thousand = (control: FakeControl) => {
    control.runningWorkers = Array.from({ length: 1_000 }, (_, index) => fakeWorker(`ml-${index + 1}`));
  };
  await using opened = await open("light", thousand);
  const { page, audited } = opened;
  await audited.show("workers");
  await page.getByText("1,000 workers, 0 busy").waitFor();
  const rows = page.locator(".table-space .table-row");
  await rows.first().waitFor();
  expect(await rows.count()).toBeLessThan(50);
  expect(await page.getByRole("table").getAttribute("aria-rowcount")).toBe("1001");
  await page.locator(".table-scroll").evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await page.getByText("ml-1000", { exact: true }).waitFor();
  expect(await rows.count()).toBeLessThan(50);
  await page.getByRole("searchbox", { name: "Filter workers" }).fill("ml-777");
  await page.getByText("ml-777", { exact: true }).waitFor();
  expect(await rows.count()).toBe(1);
});

/** Returns the text and the label of the focused element. */
async function focused({ page }: AuditedPage): Promise<string> {
  return await page.evaluate<string>(
    "(document.activeElement.textContent ?? '') + ' ' + (document.activeElement.getAttribute('aria-label') ?? '')",
  );
}
