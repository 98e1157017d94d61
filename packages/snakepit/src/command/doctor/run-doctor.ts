import { EXIT, type Invocation } from "../command.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { diagnose } from "./diagnosis.ts";
import { diagnosisData, diagnosisText, totalsOf } from "./report.ts";
import { type DoctorValues, subjectOf } from "./subject.ts";

/** Runs `snakepit doctor`. */
export async function runDoctor({ values, positionals, terminal }: Invocation<DoctorValues>): Promise<number> {
  using progress = new ProgressLine(terminal.stderr);
  const diagnosis = await diagnose(await subjectOf(values, positionals[0]), values.fix, {
    step: (title) => progress.show(title),
    output: (line) => progress.show(line),
  });
  progress.clear();
  terminal.stdout.write(
    values.json
      ? `${JSON.stringify(diagnosisData(diagnosis))}\n`
      : diagnosisText(diagnosis, values.fix, terminal.stdout),
  );
  return totalsOf(diagnosis).errors === 0 ? EXIT.ok : EXIT.failed;
}
