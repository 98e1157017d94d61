import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { AuditedPage } from "@snakepit/dashboard/testing/audited-page";
import { type Browser, type Page, startBrowser } from "@snakepit/dashboard/testing/browser";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sampleEnvironment } from "./testing/document-samples.ts";

const WAIT = { timeout: 120_000 };

let example: ChildProcess;
let ended: Promise<unknown[]>;
let url: string;
let browser: Browser;

beforeAll(async () => {
  example = fork(join(import.meta.dirname, "dashboard.ts"), {
    execArgv: ["--conditions=source", "--disable-warning=ExperimentalWarning"],
    env: sampleEnvironment(),
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  ended = once(example, "exit");
  if (example.stdout === null) throw new Error("the example has no output");
  const [line] = (await once(createInterface(example.stdout), "line")) as [string];
  url = line.replace("Dashboard: ", "");
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
  // The example closes its host, and then ends as every program does that is interrupted.
  example.kill("SIGINT");
  expect(await ended).toEqual([null, "SIGINT"]);
});

/** Waits until a figure of the overview differs from the one before. */
async function changedFigure(page: Page, before: string): Promise<string> {
  const figure = page.locator('[data-figure="calls-per-second"]');
  await expect.poll(() => figure.textContent(), WAIT).not.toBe(before);
  return (await figure.textContent()) ?? "";
}

test.each(["light", "dark", "phone"] as const)(
  "in %s: numbers change, an error, a worker recycled",
  async (appearance) => {
    await using audited = await AuditedPage.open(browser, url, appearance);
    const { page } = audited;
    page.setDefaultTimeout(WAIT.timeout);

    // Numbers change.
    await page.getByRole("heading", { name: "Throughput" }).waitFor();
    const first = await changedFigure(page, "0");
    await changedFigure(page, first);
    expect(await audited.audit("example-overview")).toEqual([]);

    // An error with its Python traceback.
    await page.getByRole("link", { name: "Errors", exact: true }).click();
    const group = page.getByRole("button", { name: /ValueError in convert/ });
    await group.click();
    const traceback = page.getByLabel("Python traceback");
    await traceback.waitFor();
    expect(await traceback.textContent()).toMatch(/shop\.py", line \d+, in rate_of\n.*\nValueError: no exchange rate/);
    expect(await audited.audit("example-errors")).toEqual([]);

    // The stacks of a worker, which continues.
    await page.getByRole("link", { name: "Workers", exact: true }).click();
    await page.getByRole("button", { name: "Stacks of reports-1" }).click();
    await page.getByRole("heading", { name: "Main thread" }).waitFor();
    await page.keyboard.press("Escape");

    // A worker is recycled, and another one takes its place.
    const recycle = page.getByRole("button", { name: /^Recycle orders-/ });
    await expect.poll(() => recycle.count(), WAIT).toBe(4);
    const name = (await recycle.first().getAttribute("aria-label"))?.replace("Recycle ", "") ?? "";
    await recycle.first().click();
    await page.getByRole("dialog").getByRole("button", { name: "Recycle" }).click();
    const notice = page.getByText(new RegExp(`^orders-\\d+ has replaced ${name}\\.$`));
    // Waits for the notice, and reads it at the same moment: it disappears after some seconds.
    const replacement = /^(\S+) has replaced/.exec((await notice.textContent()) ?? "")?.[1] ?? "";
    await page.getByRole("button", { name: `Recycle ${name}`, exact: true }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: `Recycle ${replacement}`, exact: true }).waitFor();
    expect(await recycle.count()).toBe(4);
    expect(await audited.audit("example-workers")).toEqual([]);

    // The recycled worker is in the events, also for those who look later.
    await page.getByRole("link", { name: "Events", exact: true }).click();
    await page.getByRole("button", { name: "worker.recycled" }).first().waitFor();

    await page.getByRole("link", { name: "Calls", exact: true }).click();
    await page.getByRole("button", { name: "Slowest" }).click();
    // On a busy machine, other calls take longer.
    await page.getByRole("searchbox", { name: "Filter calls" }).fill("report");
    await page.getByRole("link", { name: "report" }).first().click();
    await page.locator(".detailed-waterfall").waitFor();
    expect(await audited.audit("example-call")).toEqual([]);
    expect(audited.problems).toEqual([]);
  },
);
