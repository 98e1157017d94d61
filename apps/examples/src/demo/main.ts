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

heading("One worker");
const alone = await surveyFiles(pit.pool("one"), files, { label: "1 worker ", callers: 2 });

heading(`${workers} workers`);
const together = await surveyFiles(pit.pool("all"), files, { label: `${workers} workers`, callers: 2 * workers });

heading("Again, and one of them is killed half-way");
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

heading("What is in there");
printSurvey(attacked.survey);

heading("What it took");
printRows([
  ["one worker", `${alone.seconds.toFixed(2)} s`],
  [
    `${workers} workers`,
    `${together.seconds.toFixed(2)} s   ${(alone.seconds / together.seconds).toFixed(1)} × on ${availableParallelism()} cores`,
  ],
  [
    "with a kill",
    `${attacked.seconds.toFixed(2)} s   worker ${victim ?? "?"} killed, ${attacked.repeated} call made again, nothing lost`,
  ],
]);
if (attacked.survey.files !== files.length) throw new Error("files are missing from the survey");
console.log();
