import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isTest, SampleFolder, sampleEnvironment, samplesOf } from "./testing/document-samples.ts";
import { ProgramProcess } from "./testing/program-process.ts";

const DOCUMENTS = [
  "docs/quick-start.md",
  "docs/configuration-files.md",
  "docs/tools.md",
  "docs/values.md",
  "docs/streaming.md",
  "docs/errors.md",
  "docs/resilience.md",
  "docs/sessions.md",
  "docs/variables.md",
  "docs/programs.md",
  "docs/host-tools.md",
  "docs/state.md",
  "docs/testing.md",
  "docs/worker-lifecycle.md",
  "docs/replacing-workers.md",
  "docs/inspecting.md",
  "docs/profiles.md",
  "docs/environment.md",
  "docs/limits.md",
  "docs/thread-safety.md",
  "docs/batch-jobs.md",
  "docs/json.md",
  "docs/events.md",
  "docs/logging.md",
  "docs/health.md",
  "docs/tracing.md",
  "docs/dashboard.md",
  "docs/monitoring.md",
];

let programs: ProgramProcess;
beforeAll(() => {
  programs = new ProgramProcess(sampleEnvironment());
});
afterAll(async () => {
  // No sample leaves something running that would keep its process alive.
  expect(await programs.end()).toBe(0);
});

describe.each(DOCUMENTS)("the samples of %s", (document) => {
  const samples = samplesOf(document);
  let folder: SampleFolder;
  beforeAll(() => {
    folder = new SampleFolder(document);
  });
  afterAll(() => folder[Symbol.dispose]());

  test("have one file name each", () => {
    const files = samples.map(({ file }) => file);
    expect(files).toEqual([...new Set(files)]);
  });

  test.each(samples.filter((sample) => sample.file.endsWith(".ts") && !isTest(sample)))(
    "$file runs and prints the documented output",
    async (sample) => {
      expect(await folder.outputIn(programs, sample)).toEqual(sample.prints);
    },
  );

  test.each(samples.filter(isTest))("$file passes", async (sample) => {
    expect(await folder.testReport(sample)).toMatch(/[1-9]\d* passed|pass [1-9]/);
  });
});
