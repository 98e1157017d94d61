import { chromium, type Page } from "playwright-core";
import { findBrowser } from "./browser.ts";
import { serveFolder } from "./serve-folder.ts";

/** A word that several guides have in their text. */
const SEARCHED = "back-pressure";

/**
 * Opens a built site in a browser, searches once, opens the first result and a page of each reference.
 *
 * @returns the problems: errors on a page, and requests to another host
 * @throws Error when the search has no result, or a page does not show its heading
 */
export async function checkInBrowser(folder: string): Promise<readonly string[]> {
  await using server = await serveFolder(folder);
  // Without a sandbox, because CI may run as root; the pages are ours.
  const browser = await chromium.launch({ executablePath: await findBrowser(), args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    const problems = problemsOf(page, server.address);
    await page.goto(`${server.address}/quick-start.html`);
    await search(page);
    for (const reference of ["typescript/snakepit/classes/Snakepit", "python/index"]) {
      await page.goto(`${server.address}/reference/${reference}.html`);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
    }
    return problems;
  } finally {
    await browser.close();
  }
}

async function search(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Search" }).first().click();
  await page.getByRole("searchbox").fill(SEARCHED);
  const result = page.getByRole("option").first();
  await result.waitFor();
  const before = page.url();
  await result.click();
  await page.waitForURL((url) => url.href !== before);
  await page.getByText(SEARCHED).first().waitFor({ state: "attached" });
}

/** Collects all later problems of a page. */
function problemsOf(page: Page, origin: string): readonly string[] {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`${page.url()}: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith("data:")) problems.push(`${page.url()} requests ${url}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.url()} has the status ${response.status()}`);
  });
  return problems;
}
