import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { build } from "esbuild";
import { IdealWork } from "../floor/ideal-work.ts";
import { median } from "../measure/call-times.ts";
import { PEERS_FOLDER } from "../project-files.ts";
import type { Competitor } from "./contestants.ts";
import { type Measured, type PeerRow, WORK_MS } from "./rows.ts";

/** A measurement that failed, and why. */
export interface Failure {
  readonly failure: string;
}

export type Outcome = Measured | Failure;

/** A measurement that takes longer is hanging. */
const TIMEOUT_MS = 180_000;
const SCRIPT_STARTS = 5;
const IDEAL_SECONDS = 2;

/**
 * Measures a row of a contestant for some seconds, in its own Node.js process: neither compiled code nor memory of
 * others affects it.
 */
export async function measureContestant(
  row: PeerRow,
  { name }: Competitor,
  seconds: number,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    if (row.measure === undefined) return { value: await scriptMs(name, signal) };
    return await runRunner(row.id, name, seconds, signal);
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** The ideal of CPU-bound tools: as many processes run them without calls, at the same time. In runs per second. */
export async function idealWorkRate(workers: number): Promise<number> {
  await using ideal = await IdealWork.start(workers, WORK_MS);
  return (await ideal.run(IDEAL_SECONDS)).rate;
}

async function runRunner(rowId: string, name: string, seconds: number, signal: AbortSignal): Promise<Outcome> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "runner.ts"), rowId, name, String(seconds)], {
    stdio: ["pipe", "pipe", "inherit"],
    signal,
  });
  const [printed] = await Promise.all([text(child.stdout), endInTime(child)]);
  if (printed === "") throw new Error(`the process that measured ${name} ended without a result`);
  return JSON.parse(printed) as Outcome;
}

/** Returns the median time of a whole script in milliseconds, after one start that is not measured. */
async function scriptMs(name: string, signal: AbortSignal): Promise<number> {
  const script = await bundledScript();
  const times: number[] = [];
  for (let start = 0; start <= SCRIPT_STARTS; start++) {
    const begin = performance.now();
    const child = spawn(process.execPath, [script, name], { stdio: ["ignore", "pipe", "inherit"], signal });
    const [printed] = await Promise.all([text(child.stdout), endInTime(child)]);
    if (start > 0) times.push(performance.now() - begin);
    if (printed !== "42\n") throw new Error(`the script of ${name} printed ${JSON.stringify(printed)} in place of 42`);
  }
  return median(times);
}

/** The script as plain JavaScript: no start includes the time to remove types. Packages are imported as installed. */
async function bundledScript(): Promise<string> {
  await build({
    entryPoints: [join(import.meta.dirname, "script.ts")],
    outdir: PEERS_FOLDER,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "node",
    logLevel: "warning",
  });
  return join(PEERS_FOLDER, "script.mjs");
}

async function endInTime(child: ChildProcess): Promise<void> {
  const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
  const [code, signal] = await once(child, "exit");
  clearTimeout(timer);
  if (signal === "SIGKILL") throw new Error(`it was killed, or took longer than ${TIMEOUT_MS / 1_000} s`);
  if (code !== 0) throw new Error(`it exited with ${code ?? signal}`);
}
