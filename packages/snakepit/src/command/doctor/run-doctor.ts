import { EXIT, type Invocation } from "../command.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { diagnose } from "./diagnosis.ts";
import { diagnosisData, diagnosisText, totalsOf } from "./report.ts";
import { type DoctorValues, subjectOf } from "./subject.ts";

/** Runs `snakepit doctor`. */
export async function runDoctor({ values, positionals, terminal, signal }: Invocation<DoctorValues>): Promise<number> {
  using progress = new ProgressLine(terminal.stderr);
  const subject = subjectOf(values, positionals[0]);
  const steps = { step: (title: string) => progress.show(title), output: (line: string) => progress.show(line) };
  const diagnosis = await diagnose(subject, values.fix, steps, signal);
  progress.clear();
  terminal.stdout.write(
    values.json
      ? `${JSON.stringify(diagnosisData(diagnosis))}\n`
      : diagnosisText(diagnosis, values.fix, terminal.stdout),
  );
  return totalsOf(diagnosis).errors === 0 ? EXIT.ok : EXIT.failed;
}
