import { runAll, runPytest, runVitest } from "./suite.ts";
import { closingLine, sum, type Tally } from "./tally.ts";

const HELP = `Usage: npm test                            all tests, in random order
       npm test -- node [VITEST ARGS]...   the tests in TypeScript, such as: npm test -- node packages/pool
       npm test -- python [PYTEST ARGS]... the tests in Python, such as: npm test -- python -k values

The last line states how many tests passed and failed.`;

const [suite, ...args] = process.argv.slice(2);
switch (suite) {
  case undefined:
    finish(await runAll());
    break;
  case "node":
    finish([await runVitest(args)]);
    break;
  case "python":
    finish([await runPytest(args)]);
    break;
  case "--help":
    console.log(HELP);
    break;
  default:
    // Filters and options without a suite are for vitest, as in other projects.
    finish([await runVitest([suite, ...args])]);
}

function finish(tallies: readonly Tally[]): void {
  const all = sum(tallies);
  // Last, since a log is often cut at its beginning.
  if (all.failures.length > 0) console.log(`\nFailures:\n${all.failures.join("\n")}`);
  if (all.skipped > 0) console.log(`\n${all.skipped} skipped`);
  console.log(`\n${closingLine(all)}`);
  if (all.failed > 0) process.exitCode = 1;
}
