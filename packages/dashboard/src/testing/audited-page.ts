import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { LIMIT_MS } from "./browser.ts";

/** What git ignores, and tests leave for people: one picture for each view and appearance. */
const SCREENSHOTS = resolve(import.meta.dirname, "../../screenshots");

/** How the page is shown. */
export const APPEARANCES = {
  light: { viewport: { width: 1280, height: 860 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", hasTouch: true, isMobile: true },
} as const;

export type Appearance = keyof typeof APPEARANCES;

/** A page that records what must never happen in it. */
export class AuditedPage implements AsyncDisposable {
  readonly page: Page;
  /** Uncaught errors, violations of the content security policy, and requests to other servers. */
  readonly problems: string[] = [];
  readonly #context: BrowserContext;
  readonly #appearance: Appearance;

  private constructor(context: BrowserContext, page: Page, appearance: Appearance) {
    this.#context = context;
    this.page = page;
    this.#appearance = appearance;
  }

  /** Opens a page in a new profile of the browser. */
  static async open(browser: Browser, url: string, appearance: Appearance): Promise<AuditedPage> {
    const context = await browser.newContext({ ...APPEARANCES[appearance], reducedMotion: "reduce" });
    context.setDefaultTimeout(LIMIT_MS);
    const page = await context.newPage();
    const audited = new AuditedPage(context, page, appearance);
    const { origin } = new URL(url);
    page.on("pageerror", ({ message }) => audited.problems.push(`error: ${message}`));
    page.on("console", (message) => {
      if (/Content Security Policy|TrustedHTML/.test(message.text())) audited.problems.push(message.text());
    });
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== origin) audited.problems.push(`request to ${request.url()}`);
    });
    await page.goto(url);
    return audited;
  }

  /** Shows a view with its data, as a click in the navigation does. */
  async show(view: string): Promise<void> {
    const [name] = view.split("/");
    await this.page.evaluate(`location.hash = ${JSON.stringify(`#/${view}`)}`);
    await this.page.locator(`nav a[href="#/${name}"][aria-current="page"]`).waitFor();
    await this.page.locator(".loading").first().waitFor({ state: "detached" });
  }

  /** Takes a picture, and returns the violations of accessibility rules (WCAG 2.2 AA and best practices). */
  async audit(name: string): Promise<readonly string[]> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}-${this.#appearance}.png`) });
    // Evaluated by the debugger, to which the content security policy of the page does not apply.
    await this.page.evaluate(`${axe.source}; undefined`);
    const { violations } = await this.page.evaluate<axe.AxeResults>("axe.run()");
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${name}: ${id}: ${help}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}
