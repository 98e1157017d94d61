import { NOTHING, sum, type Tally } from "./tally.ts";

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
