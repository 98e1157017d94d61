import { NOTHING, sum, type Tally } from "./tally.ts";

/** The parts of vitest's JSON report that are read. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly VitestFile[];
}

interface VitestFile {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName?: string;
    readonly failureMessages?: readonly string[];
  }[];
}

/** @param text vitest's report as its JSON reporter writes it */
export function tallyOfVitest(text: string): Tally {
  const report = JSON.parse(text) as VitestReport;
  const failures = report.testResults.flatMap(failuresOfFile);
  const brokenFiles = report.testResults.filter(isBroken);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
}

function isBroken(file: VitestFile): boolean {
  return file.status === "failed" && !file.assertionResults.some((each) => each.status === "failed");
}

function failuresOfFile(file: VitestFile): readonly string[] {
  if (isBroken(file)) return [describeFailure(file.name, file.message)];
  return file.assertionResults
    .filter((each) => each.status === "failed")
    .map((each) => describeFailure(`${file.name}: ${each.fullName}`, each.failureMessages?.join("\n")));
}

/** @param text pytest's report in JUnit's format (`--junit-xml`): the counts of the suites, and the failed cases */
export function tallyOfPytest(text: string): Tally {
  const suites = text.match(/<testsuite .*?>/g);
  if (suites === null) return NOTHING;
  return { ...sum(suites.map(tallyOfSuite)), failures: failuresOfPytest(text) };
}

function tallyOfSuite(tag: string): Tally {
  const count = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(tag)?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  const skipped = count("skipped");
  return { passed: Math.max(0, count("tests") - failed - skipped), failed, skipped, failures: [] };
}

function failuresOfPytest(text: string): readonly string[] {
  const cases = text.matchAll(
    /<testcase classname="([^"]*)" name="([^"]*)"[^>]*><(?:failure|error) message="([^"]*)"/g,
  );
  return [...cases].map(([, file = "", name = "", message]) => describeFailure(`${file}::${name}`, message));
}

const LINES_OF_MESSAGE = 8;

function describeFailure(name: string, message = "no message"): string {
  const lines = message.trim().split("\n").slice(0, LINES_OF_MESSAGE);
  return [name, ...lines.map((line) => `    ${line}`)].join("\n");
}
