import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { endLeftoverProcesses, FILE_MARK, LEFTOVERS_REPORT, RUN_MARK } from "./leftover-processes.ts";
import { tallyOfPytest, tallyOfVitest } from "./reports.ts";
import { openRunDirectory } from "./run-directory.ts";
import { NOTHING, type Tally, withExitCode, withLeftovers } from "./tally.ts";

const root = resolve(import.meta.dirname, "../..");
/**
 * The compile cache of Node.js: tests start hundreds of hosts from the TypeScript sources, and each would otherwise
 * spend most of its start-up time on compiling them.
 */
const COMPILE_CACHE = join(root, "node_modules/.cache/node-compile");

/**
 * Runs the tests of both languages concurrently, since most of them wait more than they compute. The output of pytest
 * follows that of vitest.
 */
export async function runAll(): Promise<readonly Tally[]> {
  return await withReport(async (report) => {
    const output = openSync(report, "w");
    try {
      const python = runPytest([], output);
      const tallies = await Promise.all([runVitest([]), python]);
      process.stdout.write(readFileSync(report));
      return tallies;
    } finally {
      closeSync(output);
    }
  });
}

/** Runs the tests written in TypeScript. `args` go to vitest. */
export async function runVitest(args: readonly string[]): Promise<Tally> {
  return await withReport(async (report) => {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const leftovers = `${report}-leftovers`;
    const mark = randomUUID();
    const marks = { [LEFTOVERS_REPORT]: leftovers, [RUN_MARK]: mark };
    const exitCode = await run(process.execPath, [vitest, "run", ...reporters, ...args], root, marks);
    const tally = existsSync(report) ? tallyOfVitest(readFileSync(report, "utf8")) : NOTHING;
    // A signal ends vitest without its teardown, which otherwise does this.
    const ended = await endLeftoverProcesses(mark);
    const left = existsSync(leftovers) ? readFileSync(leftovers, "utf8") : ended;
    return withExitCode(withLeftovers(tally, left), exitCode);
  });
}

const NO_TESTS_COLLECTED = 5;

/** Runs the tests written in Python. `args` go to pytest; what it prints goes to the descriptor `output`, if given. */
export async function runPytest(args: readonly string[], output?: number): Promise<Tally> {
  const mark = randomUUID();
  return await withReport(async (report) => {
    const project = join(root, "packages/python-bridge/python");
    const all = ["-m", "pytest", `--junit-xml=${report}`, ...args.map(fromRoot)];
    // pytest keeps the directories of its last runs in the temporary directory; here they are removed with the report.
    const marks = { [RUN_MARK]: mark, [FILE_MARK]: "pytest", TMPDIR: dirname(report) };
    const exitCode = await run("python", all, project, marks, output);
    const tally = existsSync(report) ? tallyOfPytest(readFileSync(report, "utf8")) : NOTHING;
    const left = await endLeftoverProcesses(mark);
    return withExitCode(withLeftovers(tally, left), exitCode === NO_TESTS_COLLECTED ? 0 : exitCode);
  });
}

/** Returns an absolute path for one that is relative to the root: pytest runs in the directory of the project. */
function fromRoot(arg: string): string {
  const [path = ""] = arg.split("::");
  return path !== "" && existsSync(join(root, path)) ? join(root, arg) : arg;
}

async function withReport<T>(work: (report: string) => Promise<T>): Promise<T> {
  using directory = openRunDirectory();
  return await work(join(directory.path, "report"));
}

/** The signals that end a run are passed to the runners. The terminal sends SIGINT to all of them. */
const FORWARDED = ["SIGTERM", "SIGHUP"] as const;

function run(
  program: string,
  args: readonly string[],
  cwd: string,
  marks: Readonly<Record<string, string>>,
  output: number | "inherit" = "inherit",
): Promise<number> {
  return new Promise((done, reject) => {
    // Tests also start hundreds of Python interpreters. With this variable each of them compiles the bridge again.
    const { PYTHONDONTWRITEBYTECODE: _, ...inherited } = process.env;
    const env = { NODE_COMPILE_CACHE: COMPILE_CACHE, ...inherited, ...marks };
    const child = spawn(program, args, { cwd, env, stdio: ["inherit", output, output] });
    const forward = (signal: NodeJS.Signals) => child.kill(signal);
    for (const signal of FORWARDED) process.on(signal, forward);
    child.on("error", reject);
    child.on("close", (code) => {
      for (const signal of FORWARDED) process.off(signal, forward);
      done(code ?? 1);
    });
  });
}
