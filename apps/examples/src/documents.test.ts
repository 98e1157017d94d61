import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Sample, samplesIn } from "./testing/document-samples.ts";

const ROOT = join(import.meta.dirname, "../../..");
const PYTHON = process.env["SNAKEPIT_PYTHON"] ?? join(ROOT, ".venv/bin/python");
const run = promisify(execFile);

describe.each(["docs/quick-start.md", "docs/tools.md", "docs/sessions.md"])("the samples of %s", (document) => {
  const samples = samplesIn(readFileSync(join(ROOT, document), "utf8"));
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "snakepit-document-"));
    symlinkSync(join(ROOT, "apps/examples/node_modules"), join(folder, "node_modules"));
    for (const { file, text } of samples) writeFileSync(join(folder, file), text);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("have a file each", () => {
    const files = samples.map(({ file }) => file);
    expect(files).toEqual([...new Set(files)]);
  });

  test.each(samples.filter(({ file }) => file.endsWith(".ts")))(
    "$file runs and prints what it says",
    async (sample) => {
      expect(await output(sample)).toEqual(sample.prints);
    },
  );

  test.each(samples.filter(({ file }) => file.startsWith("test_")))("$file passes", async ({ file }) => {
    const { stdout } = await run(PYTHON, ["-m", "pytest", "-q", "-p", "no:cacheprovider", file], { cwd: folder });
    expect(stdout).toMatch(/\d+ passed/);
  });

  /** What a program prints when it is run as a user runs it. */
  async function output({ file }: Sample): Promise<string[]> {
    const { stdout } = await run(
      process.execPath,
      ["--conditions=source", "--disable-warning=ExperimentalWarning", file],
      { cwd: folder, env: { ...process.env, SNAKEPIT_PYTHON: PYTHON } },
    );
    return stdout.trimEnd().split("\n");
  }
});
