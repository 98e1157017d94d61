import { isDeepStrictEqual } from "node:util";
import { median } from "../measure/call-times.ts";
import { type ProcessorTime, ProcessorTimes } from "../measure/processor-time.ts";
import type { Contestant, Visitor } from "./contestant.ts";

/** Identifies a row of the comparison. */
export type PeerRowId =
  | "latency-p50"
  | "throughput-1x64"
  | "throughput-4x64"
  | "mixed"
  | "mixed-both-ways"
  | "array-10mb"
  | "chunks"
  | "script-first-result"
  | "cpu-2ms-4x32";

/** What one contestant reached in one round. */
export interface Measured {
  readonly value: number;
  /** Processor time for each call, in rows of calls per second. */
  readonly cpu?: ProcessorTime;
}

/** A row of the comparison. */
export interface PeerRow {
  readonly id: PeerRowId;
  /** As the tables show it. */
  readonly title: string;
  /** A time is better if it is shorter; a rate is better if it is higher. */
  readonly unit: "ms" | "calls/s" | "chunks/s";
  readonly workers: number;
  /** Absent for the whole script, which is measured from outside. */
  readonly measure?: (contestant: Contestant, durations: Durations) => Promise<Measured>;
}

/** How long a contestant is warmed up and measured, in milliseconds. */
export interface Durations {
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

/** The fewest samples of a median, also when a call takes longer than the measured time. */
const FEWEST_SAMPLES = 3;
const RECORDS = 1_000;
const ARRAY_BYTES = 10_000_000;
const CHUNKS = 20_000;
/** The processor time of a CPU-bound tool. */
export const WORK_MS = 2;

export const PEER_ROWS: readonly PeerRow[] = [
  { id: "latency-p50", title: "one call in flight, median", unit: "ms", workers: 1, measure: measureLatency },
  { ...callers(64), id: "throughput-1x64", title: "small calls, 64 callers, 1 worker", workers: 1 },
  { ...callers(64), id: "throughput-4x64", title: "small calls, 64 callers, 4 workers", workers: 4 },
  { id: "mixed", title: "1,000 records as an argument", unit: "ms", workers: 1, measure: measureArgument },
  { id: "mixed-both-ways", title: "1,000 records there and back", unit: "ms", workers: 1, measure: measureBothWays },
  { id: "array-10mb", title: "10 MB of float64 there and back", unit: "ms", workers: 1, measure: measureArray },
  { id: "chunks", title: "small chunks of a stream", unit: "chunks/s", workers: 1, measure: measureChunks },
  { id: "script-first-result", title: "whole script to first result, 4 workers", unit: "ms", workers: 4 },
  {
    id: "cpu-2ms-4x32",
    title: "CPU-bound tools of 2 ms, 32 callers, 4 workers",
    unit: "calls/s",
    workers: 4,
    measure: measureWork,
  },
];

/** Returns the row of an ID. */
export function peerRow(id: string): PeerRow {
  const row = PEER_ROWS.find((each) => each.id === id);
  if (row === undefined)
    throw new Error(`unknown row "${id}"; the rows are ${PEER_ROWS.map(({ id }) => id).join(", ")}`);
  return row;
}

/** Measures a row. Every result is compared with what was expected, large ones outside of the measured time. */
export async function measureRow({ id, measure }: PeerRow, contestant: Contestant, seconds: number): Promise<Measured> {
  if (measure === undefined) throw new Error(`${id} is measured as a whole process`);
  return await measure(contestant, { warmUpMs: seconds * 500, measuredMs: seconds * 1_000 });
}

/** Returns the records of the mixed payload. */
export function sampleRecords(): readonly Visitor[] {
  return Array.from({ length: RECORDS }, (_, index) => ({
    id: index,
    name: `Ada Lovelace ${index}`,
    email: `ada.${index}@example.com`,
    active: index % 3 !== 0,
    balance: index * 1.25 + 0.1,
    visits: index % 50,
    registered: new Date(Date.UTC(2024, 0, 1, 0, index)).toISOString(),
    tags: ["customer", index % 2 === 0 ? "monthly" : "yearly", `group-${index % 10}`],
    scores: [index / 3, index / 7, 0.5],
  }));
}

async function measureLatency(contestant: Contestant, { warmUpMs, measuredMs }: Durations): Promise<Measured> {
  const call = (index: number) => addAndCheck(contestant, index);
  await samplesFor(warmUpMs, call);
  return { value: median(await samplesFor(measuredMs, call)) };
}

function callers(count: number): Pick<PeerRow, "unit"> & Required<Pick<PeerRow, "measure">> {
  return {
    unit: "calls/s",
    measure: (contestant, durations) =>
      measureCalls(contestant, count, (index) => addAndCheck(contestant, index), durations),
  };
}

async function measureWork(contestant: Contestant, durations: Durations): Promise<Measured> {
  const call = async () => expectEqual(await contestant.work(WORK_MS), WORK_MS);
  return await measureCalls(contestant, 32, call, durations);
}

async function measureCalls(
  contestant: Contestant,
  callers: number,
  call: (index: number) => Promise<void>,
  { warmUpMs, measuredMs }: Durations,
): Promise<Measured> {
  await callsFor(warmUpMs, callers, call);
  const before = ProcessorTimes.now(contestant.pids);
  const start = performance.now();
  const calls = await callsFor(measuredMs, callers, call);
  const seconds = (performance.now() - start) / 1_000;
  const cpu = ProcessorTimes.now(contestant.pids).perCallSince(before, calls);
  return { value: calls / seconds, ...(cpu === undefined ? {} : { cpu }) };
}

async function callsFor(ms: number, callers: number, call: (index: number) => Promise<void>): Promise<number> {
  const end = performance.now() + ms;
  let calls = 0;
  const loop = async () => {
    while (performance.now() < end) await call(calls++);
  };
  await Promise.all(Array.from({ length: callers }, loop));
  return calls;
}

async function addAndCheck(contestant: Contestant, index: number): Promise<void> {
  const sum = await contestant.add(index, 0.5);
  if (sum !== index + 0.5) throw new Error(`the sum of ${index} and 0.5 was ${sum}`);
}

async function measureArgument(contestant: Contestant, { warmUpMs, measuredMs }: Durations): Promise<Measured> {
  const records = sampleRecords();
  const expected = records.reduce((total, { visits }) => total + visits, 0);
  const call = () => contestant.totalVisits(records);
  const check = (answer: number) => expectEqual(answer, expected);
  await samplesFor(warmUpMs, call, check);
  return { value: median(await samplesFor(measuredMs, call, check)) };
}

async function measureBothWays(contestant: Contestant, { warmUpMs, measuredMs }: Durations): Promise<Measured> {
  const records = sampleRecords();
  const expected = records.map((record) => ({ ...record, visits: record.visits + 1 }));
  const call = () => contestant.visit(records);
  const check = (answer: readonly Visitor[]) => expectEqual(answer.map(asPlain), expected);
  await samplesFor(warmUpMs, call, check);
  return { value: median(await samplesFor(measuredMs, call, check)) };
}

/** Objects of some libraries have other prototypes. */
function asPlain(record: Visitor): Visitor {
  return { ...record };
}

async function measureArray(contestant: Contestant, { warmUpMs, measuredMs }: Durations): Promise<Measured> {
  const values = Float64Array.from({ length: ARRAY_BYTES / 8 }, (_, index) => Math.sin(index));
  const call = () => contestant.echo(values);
  const check = (answer: Float64Array) => expectEqual(answer, values);
  await samplesFor(warmUpMs, call, check);
  return { value: median(await samplesFor(measuredMs, call, check)) };
}

/** Returns the times of calls in milliseconds, one at a time, for at least `ms` milliseconds. */
async function samplesFor<T>(
  ms: number,
  call: (index: number) => Promise<T>,
  check: (answer: T) => void = () => {},
): Promise<readonly number[]> {
  const samples: number[] = [];
  let total = 0;
  while (total < ms || samples.length < FEWEST_SAMPLES) {
    const start = performance.now();
    const answer = await call(samples.length);
    const time = performance.now() - start;
    check(answer);
    samples.push(time);
    total += time;
  }
  return samples;
}

async function measureChunks(contestant: Contestant, { warmUpMs, measuredMs }: Durations): Promise<Measured> {
  await chunksFor(contestant, warmUpMs);
  return { value: await chunksFor(contestant, measuredMs) };
}

async function chunksFor(contestant: Contestant, ms: number): Promise<number> {
  const start = performance.now();
  let streams = 0;
  while (performance.now() - start < ms) {
    let next = 0;
    await contestant.count(CHUNKS, (value) => {
      if (value !== next) throw new Error(`chunk ${next} was ${value}`);
      next += 1;
    });
    expectEqual(next, CHUNKS);
    streams += 1;
  }
  return ((streams * CHUNKS) / (performance.now() - start)) * 1_000;
}

function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) throw new Error("the result differs from what was expected");
}
