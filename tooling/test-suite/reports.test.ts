import { describe, expect, test } from "vitest";
import { tallyOfPytest, tallyOfVitest } from "./reports.ts";
import { closingLine, NOTHING, sum, withExitCode, withLeftovers } from "./tally.ts";

describe("vitest's report", () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
    testResults: [
      { name: "a.test.ts", status: "passed", assertionResults: [{ status: "passed" }] },
      {
        name: "b.test.ts",
        status: "failed",
        assertionResults: [
          { status: "failed", fullName: "adds up", failureMessages: ["Error: 3, not 4\n    at b.test.ts:1"] },
          { status: "passed" },
        ],
      },
    ],
  };

  test("contains the number of tests", () => {
    expect(tallyOfVitest(JSON.stringify(report))).toMatchObject({ passed: 3, failed: 1, skipped: 3 });
  });

  test("names each failed test with the beginning of its message", () => {
    expect(tallyOfVitest(JSON.stringify(report)).failures).toEqual([
      "b.test.ts: adds up\n    Error: 3, not 4\n        at b.test.ts:1",
    ]);
  });

  test("counts a file that could not be loaded as one failure", () => {
    const file = { name: "c.test.ts", status: "failed", message: "no such module", assertionResults: [] };
    const tally = tallyOfVitest(JSON.stringify({ ...report, testResults: [...report.testResults, file] }));
    expect(tally.failed).toBe(2);
    expect(tally.failures[1]).toBe("c.test.ts\n    no such module");
  });
});

test("pytest's report contains the number of tests; errors in collection and fixtures count as failures", () => {
  const report =
    '<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="0.5"><testcase classname="a" name="tests=7"/><testcase classname="a" name="b" time="0.1"><failure message="assert 1 == 2">...</failure></testcase></testsuite></testsuites>';
  expect(tallyOfPytest(report)).toEqual({
    passed: 4,
    failed: 3,
    skipped: 3,
    failures: ["a::b\n    assert 1 == 2"],
  });
});

test("a runner that exits with an error without a failed test counts as one failure", () => {
  const passed = { ...NOTHING, passed: 5 };
  expect(withExitCode(passed, 1).failed).toBe(1);
  expect(withExitCode({ ...passed, failed: 2 }, 1).failed).toBe(2);
  expect(withExitCode(passed, 0).failed).toBe(0);
});

test("processes left behind are one more failure", () => {
  expect(withLeftovers({ ...NOTHING, failed: 2 }, "pid 7")).toMatchObject({ failed: 3, failures: ["pid 7"] });
  expect(withLeftovers(NOTHING, undefined)).toBe(NOTHING);
});

test("the closing line sums up", () => {
  const all = sum([
    { ...NOTHING, passed: 1, skipped: 4 },
    { ...NOTHING, passed: 2, failed: 1 },
  ]);
  expect(closingLine(all)).toBe("3 passed, 1 failed");
});
