import { once } from "node:events";
import { existsSync, readFileSync, watch } from "node:fs";
import { expect, test } from "vitest";
import { SampleFolder } from "./testing/document-samples.ts";

test("the job of docs/batch-jobs.md ends on a signal and resumes where it was interrupted", {
  timeout: 60_000,
}, async () => {
  using folder = new SampleFolder("docs/batch-jobs.md");
  const job = folder.sample("job.ts");
  // Long enough that the signal always arrives before the end.
  folder.add("long-job.ts", job.text.replace("{ length: 50 }", "{ length: 100_000 }"));
  const results = folder.path({ ...job, file: "results.jsonl" });

  const interrupted = folder.start({ ...job, file: "long-job.ts" });
  await firstResult(folder.path({ ...job, file: "." }), results);
  interrupted.kill("SIGTERM");
  expect(await once(interrupted, "exit")).toEqual([null, "SIGTERM"]);
  const before = pagesIn(results);

  expect(await folder.output(job)).toEqual(job.prints);
  const pages = pagesIn(results);
  expect(pages.slice(0, before.length)).toEqual(before);
  expect(pages).toHaveLength(new Set(pages).size);
});

async function firstResult(folder: string, results: string): Promise<void> {
  const watcher = watch(folder);
  while (!existsSync(results) || readFileSync(results, "utf8") === "") await once(watcher, "change");
  watcher.close();
}

function pagesIn(results: string): number[] {
  const lines = readFileSync(results, "utf8").trimEnd().split("\n");
  return lines.map((line) => (JSON.parse(line) as { page: number }).page);
}
