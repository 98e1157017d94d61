import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

export type { Browser, Page } from "playwright-core";

/** No test depends on it: it only ends an operation of the browser that hangs, also on a machine under load. */
export const LIMIT_MS = 120_000;

/** The names of the browser on different systems. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/**
 * Starts the browser of the system; the set-up fetches Debian's if it has no other.
 *
 * @throws Error without a browser, with the remedy.
 */
export async function startBrowser(): Promise<Browser> {
  // The sandbox of the browser does not work for root, as which containers run tests.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const options = { args: [...args, "--disable-dev-shm-usage"], timeout: LIMIT_MS };
  return await chromium.launch({ executablePath: browserPath(), ...options });
}

function browserPath(): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    `no browser was found: ${NAMES.join(", ")} are not on the PATH; run "npm run setup" on Debian, or install Chromium`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
