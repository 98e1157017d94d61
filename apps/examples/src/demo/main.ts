import { availableParallelism } from "node:os";
import { python, Snakepit } from "snakepit";
import { heading, printRows, printSurvey } from "./report.ts";
import { surveyFiles } from "./survey-files.ts";

const worker = python(new URL("../../tools/source_metrics.py", import.meta.url));
const workers = Math.max(4, availableParallelism());

heading("Snakepit measures Python's standard library");
const start = performance.now();
await using pit = await Snakepit.start({ pools: { one: { worker, size: 1 }, all: { worker, size: workers } } });
const files = await pit.pool("one").execute<string[]>("source_files");
console.log(
  `  ${workers + 1} workers up and ${files.length} files listed in ${Math.round(performance.now() - start)} ms`,
);

// Every third file is enough to compare.
const sample = files.filter((_, i) => i % 3 === 0);

heading(`A third of the files: one worker, then ${workers}`);
const alone = await surveyFiles(pit.pool("one"), sample, { label: "1 worker ", callers: 2 });
const together = await surveyFiles(pit.pool("all"), sample, { label: `${workers} workers`, callers: 2 * workers });

heading(`All files: ${workers} workers, and one of them is killed halfway`);
let victim: number | undefined;
const attacked = await surveyFiles(pit.pool("all"), files, {
  label: `${workers} workers`,
  callers: 2 * workers,
  onFile: (done) => {
    if (victim !== undefined || done < files.length / 2) return;
    victim = pit.workers("all").find((each) => each.load > 0)?.pid;
    if (victim !== undefined) process.kill(victim, "SIGKILL");
  },
});

heading("Results");
printSurvey(attacked.survey);

heading("Timings");
printRows([
  ["a third, 1 worker", `${alone.seconds.toFixed(2)} s`],
  [
    `a third, ${workers} workers`,
    `${together.seconds.toFixed(2)} s   ${(alone.seconds / together.seconds).toFixed(1)} × on ${availableParallelism()} cores`,
  ],
  [
    "with a kill",
    `${attacked.seconds.toFixed(2)} s   worker ${victim ?? "?"} killed, ${attacked.retried} call retried, nothing lost`,
  ],
]);
if (attacked.survey.files !== files.length) throw new Error("files are missing from the survey");
console.log();
