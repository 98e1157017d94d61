import type { Command } from "./command-line.ts";
import { type Footprint, growthProblem, megabytes } from "./footprint.ts";
import { type Finding, type FuzzTarget, type OpenTarget, TargetRun, TooManyFindings } from "./target.ts";
import { TARGETS } from "./targets.ts";

type RunCommand = Extract<Command, { is: "run" }>;

/** What one target has received, and how it went. */
interface TargetResult {
  readonly name: string;
  readonly inputs: number;
  readonly seconds: number;
  readonly findings: readonly Finding[];
  readonly growth: string;
}

/** The fewest inputs before the first measurement: until then, code is compiled and caches fill. */
const MIN_WARM_UP = 500;
const WARM_UP_PART = 0.1;
const ALL_SHARES = TARGETS.reduce((sum, { share }) => sum + share, 0);

/** Runs the targets, prints a table, and resolves with whether all inputs were handled correctly. */
export async function runTargets(command: RunCommand): Promise<boolean> {
  console.log(`seed ${command.seed}, ${command.inputs.toLocaleString("en")} inputs; Node.js ${process.version}`);
  const chosen = TARGETS.filter(({ name }) => command.targets.includes(name));
  const shares = chosen.length === TARGETS.length ? ALL_SHARES : chosen.reduce((sum, { share }) => sum + share, 0);
  const results: TargetResult[] = [];
  for (const target of chosen) {
    const range = rangeOf(command, Math.max(1, Math.round((command.inputs * target.share) / shares)));
    const result = await runTarget(target, command.seed, range);
    results.push(result);
    console.log(line(result));
    for (const finding of result.findings) console.log(described(finding, command.seed));
  }
  const findings = results.reduce((sum, result) => sum + result.findings.length, 0);
  const inputs = results.reduce((sum, result) => sum + result.inputs, 0);
  console.log(`\n${inputs.toLocaleString("en")} inputs, ${findings} findings, seed ${command.seed}`);
  return findings === 0;
}

interface Range {
  readonly first: number;
  readonly end: number;
}

function rangeOf({ input }: RunCommand, inputs: number): Range {
  return input === undefined ? { first: 0, end: inputs } : { first: input, end: input + 1 };
}

async function runTarget(target: FuzzTarget, seed: number, range: Range): Promise<TargetResult> {
  const run = new TargetRun(target.name, seed);
  const began = performance.now();
  let growth = "";
  const unwatch = watchProcess((problem) => run.findings.push({ ...nowhere(target), problem }));
  try {
    await using open = await target.open(run);
    growth = await sendAll(open, run, range);
  } catch (thrown) {
    if (!(thrown instanceof TooManyFindings)) {
      run.findings.push({
        ...nowhere(target),
        problem: thrown instanceof Error ? String(thrown.stack) : String(thrown),
      });
    }
  } finally {
    // Rejections are reported in a later turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    unwatch();
  }
  const seconds = (performance.now() - began) / 1000;
  return { name: target.name, inputs: range.end - range.first, seconds, findings: run.findings, growth };
}

/** Sends the inputs and checks the target afterwards. Returns the growth of its processes. */
async function sendAll(open: OpenTarget, run: TargetRun, { first, end }: Range): Promise<string> {
  await open.check();
  const warmUp = Math.min(end, first + Math.max(MIN_WARM_UP, Math.round((end - first) * WARM_UP_PART)));
  await open.send(first, warmUp);
  const before = await open.measure();
  await open.send(warmUp, end);
  await open.check();
  const after = await open.measure();
  for (const [index, footprint] of after.entries()) {
    const problem = growthProblem(before[index] as Footprint, footprint);
    if (problem !== undefined) run.fail(undefined, problem);
  }
  return after.map((each, index) => changeOf(each, before[index] as Footprint)).join("; ");
}

/** Returns the change of a process: its resident memory, the memory in use, and its descriptors. */
function changeOf(after: Footprint, before: Footprint): string {
  const parts = [`${signed(after.rssBytes - before.rssBytes)} resident`];
  if (after.heapBytes !== undefined) parts.push(`${signed(after.heapBytes - (before.heapBytes ?? 0))} in use`);
  const descriptors = after.descriptors - before.descriptors;
  parts.push(`${descriptors < 0 ? "" : "+"}${descriptors} descriptors`);
  return `${after.of} ${parts.join(", ")}`;
}

function signed(bytes: number): string {
  return `${bytes < 0 ? "" : "+"}${megabytes(bytes)}`;
}

/** Reports what would end a host or fill its logs: rejections that no one handles, exceptions, warnings. */
function watchProcess(report: (problem: string) => void): () => void {
  const rejected = (reason: unknown) => report(`unhandled rejection: ${stackOf(reason)}`);
  const thrown = (error: unknown) => report(`uncaught exception: ${stackOf(error)}`);
  const warned = (warning: Error) => report(`warning: ${stackOf(warning)}`);
  process.on("unhandledRejection", rejected).on("uncaughtException", thrown).on("warning", warned);
  return () => {
    process.off("unhandledRejection", rejected).off("uncaughtException", thrown).off("warning", warned);
  };
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? String(thrown.stack) : String(thrown);
}

function nowhere({ name }: FuzzTarget): Omit<Finding, "problem"> {
  return { target: name, index: undefined, hex: "" };
}

function line({ name, inputs, seconds, findings, growth }: TargetResult): string {
  const mark = findings.length === 0 ? "✓" : "✗";
  return `  ${mark} ${name.padEnd(18)} ${inputs.toLocaleString("en").padStart(9)} inputs ${seconds.toFixed(1).padStart(7)} s  ${growth}`;
}

function described({ target, index, problem, hex }: Finding, seed: number): string {
  const place = index === undefined ? "" : ` input ${index}`;
  const again =
    index === undefined ? "" : `\n      repeat: npm run fuzz -- --seed ${seed} --only ${target} --input ${index}`;
  return `    ${target}${place}: ${problem}${hex === "" ? "" : `\n      bytes: ${hex}`}${again}`;
}
