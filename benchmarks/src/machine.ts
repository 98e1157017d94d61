import { execFile } from "node:child_process";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { promisify } from "node:util";
import { median } from "./measure/call-times.ts";
import { PYTHON, pythonFile } from "./project-files.ts";

const run = promisify(execFile);
const ROUNDS = 7;
const ITERATIONS = 3_000_000;

/** What machine a run used, and how fast it was: figures of different machines can be compared only with this. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
  readonly python: string;
  readonly loops: FixedLoops;
}

/** Times of fixed loops in milliseconds, medians of several runs. */
export interface FixedLoops {
  readonly javaScript: number;
  readonly python: number;
  /** 20,000 system calls: a byte is written to a pipe and read from it. */
  readonly systemCalls: number;
}

/** Describes this machine and times the loops; takes about a second. */
export async function describeMachine(): Promise<Machine> {
  const loops = await run(PYTHON, [pythonFile("machine_loops.py")]);
  const version = await run(PYTHON, ["-c", "import platform; print(platform.python_version())"]);
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    python: version.stdout.trim(),
    loops: { javaScript: javaScriptLoopMs(), ...(JSON.parse(loops.stdout) as Omit<FixedLoops, "javaScript">) },
  };
}

/** Formats the description as two lines of text. */
export function formatMachine({ processor, cores, memoryGib, system, node, python, loops }: Machine): string {
  const parts = [processor, `${cores} cores`, `${memoryGib} GiB`, system, `Node.js ${node}`, `Python ${python}`];
  const times = [
    `JavaScript ${loops.javaScript.toFixed(1)} ms`,
    `Python ${loops.python.toFixed(1)} ms`,
    `system calls ${loops.systemCalls.toFixed(1)} ms`,
  ];
  return `${parts.join(", ")}\nfixed loops: ${times.join(", ")}`;
}

function javaScriptLoopMs(): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    if (javaScriptLoop() < 0) throw new Error("the loop returned a negative number");
    times.push(performance.now() - start);
  }
  return median(times);
}

/** Integer arithmetic, an object, an array and a map: what the engine does for a call. */
function javaScriptLoop(): number {
  const names = { a: 1, b: 2 };
  const values = [1, 2, 3, 4];
  const waiting = new Map<number, number>();
  let total = 1;
  for (let index = 0; index < ITERATIONS; index++) {
    waiting.set(index & 63, total);
    total = (total * 31 + names.b + (values[index & 3] ?? 0) + (waiting.get(index & 31) ?? 0)) & 0xffffff;
  }
  return total;
}
