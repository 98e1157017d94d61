import { NOTHING, sum, type Tally } from "./tally.ts";

/** The parts of vitest's JSON report that are counted. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** @param text vitest's report as its JSON reporter writes it */
export function tallyOfVitest(text: string): Tally {
  const report = JSON.parse(text) as VitestReport;
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((each) => each.status === "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** @param text pytest's report in JUnit's format (`--junit-xml`), of which only the counts of the suites are read */
export function tallyOfPytest(text: string): Tally {
  const suites = text.match(/<testsuite .*?>/g);
  if (suites === null) return NOTHING;
  return sum(suites.map(tallyOfSuite));
}

function tallyOfSuite(tag: string): Tally {
  const count = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(tag)?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  const skipped = count("skipped");
  return { passed: Math.max(0, count("tests") - failed - skipped), failed, skipped };
}
