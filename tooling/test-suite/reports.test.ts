import { describe, expect, test } from "vitest";
import { tallyOfPytest, tallyOfVitest } from "./reports.ts";
import { closingLine, sum, withExitCode } from "./tally.ts";

describe("vitest's report", () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
    testResults: [
      { status: "passed", assertionResults: [{ status: "passed" }] },
      { status: "failed", assertionResults: [{ status: "failed" }, { status: "passed" }] },
    ],
  };

  test("contains the number of tests", () => {
    expect(tallyOfVitest(JSON.stringify(report))).toEqual({ passed: 3, failed: 1, skipped: 3 });
  });

  test("counts a file that could not be loaded as one failure", () => {
    const broken = { ...report, testResults: [...report.testResults, { status: "failed", assertionResults: [] }] };
    expect(tallyOfVitest(JSON.stringify(broken)).failed).toBe(2);
  });
});

test("pytest's report contains the number of tests; errors in collection and fixtures count as failures", () => {
  const report =
    '<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="0.5"><testcase classname="a" name="tests=7"/></testsuite></testsuites>';
  expect(tallyOfPytest(report)).toEqual({ passed: 4, failed: 3, skipped: 3 });
});

test("a runner that exits with an error without a failed test counts as one failure", () => {
  expect(withExitCode({ passed: 5, failed: 0, skipped: 0 }, 1).failed).toBe(1);
  expect(withExitCode({ passed: 5, failed: 2, skipped: 0 }, 1).failed).toBe(2);
  expect(withExitCode({ passed: 5, failed: 0, skipped: 0 }, 0).failed).toBe(0);
});

test("the closing line sums up", () => {
  const all = sum([
    { passed: 1, failed: 0, skipped: 4 },
    { passed: 2, failed: 1, skipped: 0 },
  ]);
  expect(closingLine(all)).toBe("3 passed, 1 failed");
});
