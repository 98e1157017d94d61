import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { commonOptions } from "../testing/host-under-test.ts";

const PROGRAM = new URL("../testing/call-path.ts", import.meta.url).pathname;
const ARCHITECTURE = readFileSync(new URL("../../../../docs/architecture.md", import.meta.url), "utf8");
const MOST_FILES = 40;

const options = commonOptions();

/** The files that the section about the path of a call links. */
const DOCUMENTED = new Set(
  Array.from(section("## The path of a call").matchAll(/\]\(\.\.\/([^)#]+)\)/g), ([, file]) => file),
);

/** Returns a section of the document, without its heading. */
function section(heading: string): string {
  return ARCHITECTURE.split(`\n${heading}\n`)[1]?.split("\n## ")[0] ?? "";
}

test("a call crosses at most 40 files of both languages, and docs/architecture.md names each of them", async () => {
  // The sources of all packages: their builds are bundles.
  const args = ["--conditions=source", PROGRAM, options().registry.path];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { value, files } = JSON.parse(stdout) as { value: unknown; files: string[] };
  expect(value).toBe(42);
  const written = files.filter((file) => !/\/(gen|testing)\//.test(file));
  expect(written).toEqual(expect.arrayContaining([expect.stringMatching(/\.ts$/), expect.stringMatching(/\.py$/)]));
  expect(written.filter((file) => !DOCUMENTED.has(file))).toEqual([]);
  expect(written.length, written.join("\n")).toBeLessThanOrEqual(MOST_FILES);
});
