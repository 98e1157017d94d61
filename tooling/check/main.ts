import { availableParallelism } from "node:os";
import { closingLine } from "../test-suite/tally.ts";
import { CHECKS, type Check } from "./checks.ts";
import { type CheckResult, runCheck } from "./run-check.ts";

const HELP = `Usage: npm run check -- [ID]...

Runs the checks that CI runs in addition to the tests, or only the named ones:
${CHECKS.map(({ id, title }) => `  ${id.padEnd(12)} ${title}`).join("\n")}`;

const ids = process.argv.slice(2);
const unknown = ids.filter((id) => id !== "--help" && !CHECKS.some((check) => check.id === id));

if (ids.includes("--help")) {
  console.log(HELP);
} else if (unknown.length > 0) {
  console.error(`unknown check "${unknown[0]}"\n${HELP}`);
  process.exitCode = 2;
} else {
  await runChecks(ids.length === 0 ? CHECKS : CHECKS.filter((check) => ids.includes(check.id)));
}

async function runChecks(checks: readonly Check[]): Promise<void> {
  const waiting = [...checks];
  const results: CheckResult[] = [];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const result = await runCheck(next);
      show(result);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, lane));
  const passed = results.filter((result) => result.passed).length;
  console.log(`\n${closingLine({ passed, failed: results.length - passed, skipped: 0, failures: [] })}`);
  if (passed < results.length) process.exitCode = 1;
}

function show({ check, passed, output, durationMs }: CheckResult): void {
  const seconds = (durationMs / 1000).toFixed(1).padStart(6);
  console.log(`  ${passed ? "✓" : "✗"} ${check.id.padEnd(12)} ${check.title.padEnd(52)} ${seconds} s`);
  if (!passed || check.showsOutput) console.log(`\n${output.trimEnd().replaceAll(/^/gm, "      ")}\n`);
}
