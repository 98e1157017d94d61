import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fingerprint, isFresh, writeStamp } from "./stamp.mjs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "snakepit-stamp-"));
  mkdirSync(join(folder, "src/inner"), { recursive: true });
  writeFileSync(join(folder, "src/inner/a.ts"), "a");
});
afterEach(() => rmSync(folder, { recursive: true }));

const ofSources = () => fingerprint(["v1"], [join(folder, "src"), join(folder, "lockfile")]);

test("a step is fresh until one of its inputs changes", () => {
  const stamp = join(folder, "out/stamp");
  expect(isFresh(stamp, ofSources())).toBe(false);
  writeStamp(stamp, ofSources());
  expect(isFresh(stamp, ofSources())).toBe(true);
  writeFileSync(join(folder, "src/inner/a.ts"), "b");
  expect(isFresh(stamp, ofSources())).toBe(false);
});

test("the caches of Python next to its sources are ignored", () => {
  const before = ofSources();
  mkdirSync(join(folder, "src/__pycache__"));
  expect(ofSources()).toBe(before);
});

test.each([
  ["a file is added", () => writeFileSync(join(folder, "src/b.ts"), "")],
  ["a file is removed", () => rmSync(join(folder, "src/inner/a.ts"))],
  ["a missing file appears", () => writeFileSync(join(folder, "lockfile"), "x")],
])("the fingerprint changes when %s", (_, change) => {
  const before = ofSources();
  change();
  expect(ofSources()).not.toBe(before);
});
