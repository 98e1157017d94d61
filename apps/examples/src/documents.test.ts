import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SampleFolder, samplesOf } from "./testing/sample-folder.ts";

const DOCUMENTS = [
  "docs/quick-start.md",
  "docs/tools.md",
  "docs/sessions.md",
  "docs/variables.md",
  "docs/programs.md",
  "docs/host-tools.md",
  "docs/state.md",
];

describe.each(DOCUMENTS)("the samples of %s", (document) => {
  const samples = samplesOf(document);
  let folder: SampleFolder;
  beforeAll(() => {
    folder = new SampleFolder(document);
  });
  afterAll(() => folder[Symbol.dispose]());

  test("have a file each", () => {
    const files = samples.map(({ file }) => file);
    expect(files).toEqual([...new Set(files)]);
  });

  test.each(samples.filter(({ file }) => file.endsWith(".ts")))(
    "$file runs and prints what it says",
    async (sample) => {
      expect(await folder.output(sample)).toEqual(sample.prints);
    },
  );

  test.each(samples.filter(({ file }) => file.startsWith("test_")))("$file passes", async (sample) => {
    expect(await folder.testReport(sample)).toMatch(/\d+ passed/);
  });
});
