import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { differingFiles } from "./stale-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "snakepit-compare-"));
  write("generated/same.ts", "same");
  write("committed/same.ts", "same");
});
afterEach(() => rmSync(folder, { recursive: true }));

const difference = () => differingFiles(join(folder, "generated"), join(folder, "committed"));

test("equal folders do not differ; Python's caches do not count", () => {
  write("committed/__pycache__/x.pyc", "");
  expect(difference()).toEqual([]);
});

test("files that differ, are missing, or are too many are named", () => {
  write("generated/inner/changed.ts", "new");
  write("committed/inner/changed.ts", "old");
  write("generated/missing.ts", "");
  write("committed/removed.ts", "");
  expect(difference()).toEqual(["inner/changed.ts", "missing.ts", "removed.ts"]);
});

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}
