import { existsSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { fetchNpmPackage, npmPackageFolder } from "@snakepit/tooling/bootstrap/npm-package.mjs";

/** Programs to look for on PATH, and where macOS has Chrome. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MACOS_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/** Chromium for Linux on x64 as an npm package, for a machine without a browser. */
const PACKAGED = { name: "@sparticuz/chromium", version: "153.0.0" };

/**
 * Returns the program of a Chromium: the one that SNAKEPIT_BROWSER names, an installed one, or one fetched from npm
 * into `.tools` (70 MB, once).
 *
 * @throws Error on a machine without a browser for which npm has none
 */
export async function findBrowser(): Promise<string> {
  const named = process.env["SNAKEPIT_BROWSER"];
  if (named !== undefined && named !== "") return named;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const installed = [MACOS_CHROME, ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))];
  return installed.find((program) => existsSync(program)) ?? (await fetchBrowser());
}

async function fetchBrowser(): Promise<string> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error("no Chromium was found; install Chromium or Chrome, or set SNAKEPIT_BROWSER to its program");
  }
  await fetchNpmPackage(PACKAGED.name, PACKAGED.version);
  const folder = npmPackageFolder(PACKAGED.name, PACKAGED.version);
  const unpacked = join(folder, "unpacked");
  const program = join(unpacked, "chromium");
  if (existsSync(program)) return program;
  mkdirSync(unpacked, { recursive: true });
  // The package unpacks into the temporary directory; this process uses no other.
  process.env["TMPDIR"] = unpacked;
  const entry = pathToFileURL(join(folder, "node_modules", PACKAGED.name, "build/index.js")).href;
  const { default: chromium } = (await import(entry)) as {
    readonly default: { readonly executablePath: () => Promise<string> };
  };
  return await chromium.executablePath();
}
