import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CallCost, MeasuredCost } from "./measure-call-cost.ts";

/** The file of the recorded cost. */
export const RECORDED_COST = join(import.meta.dirname, "../../call-cost.json");

/** What a small call may cost: a recorded ratio to the baseline and the room above it. */
export interface RecordedCost {
  /** Processor time of a call divided by that of the baseline, for host and worker. */
  readonly ratio: CallCost;
  /** A ratio of more than `room` recorded ratios fails the check. */
  readonly room: number;
  /** What was measured at the time, in microseconds. */
  readonly measured: MeasuredCost;
  readonly date: string;
  readonly machine: string;
}

/** Reads the recorded cost. */
export function readRecordedCost(): RecordedCost {
  return JSON.parse(readFileSync(RECORDED_COST, "utf8")) as RecordedCost;
}

/** Records a cost as the one to compare with; keeps the room. */
export function writeRecordedCost(measured: MeasuredCost, machine: string): void {
  const recorded: RecordedCost = {
    ratio: roundedCost(ratioOf(measured)),
    room: readRecordedCost().room,
    measured: { call: roundedCost(measured.call), baseline: roundedCost(measured.baseline) },
    date: new Date().toISOString().slice(0, 10),
    machine,
  };
  writeFileSync(RECORDED_COST, `${JSON.stringify(recorded, null, 2)}\n`);
}

/** Returns how many times the baseline a call costs. */
export function ratioOf({ call, baseline }: MeasuredCost): CallCost {
  return { host: call.host / baseline.host, worker: call.worker / baseline.worker };
}

/** Returns the measurement with the lowest ratios: other load on the machine increases them. */
export function lowestCost(measured: readonly MeasuredCost[]): MeasuredCost {
  const ratio = (each: MeasuredCost) => ratioOf(each).host + ratioOf(each).worker;
  const [lowest] = measured.toSorted((a, b) => ratio(a) - ratio(b));
  if (lowest === undefined) throw new Error("no measurements");
  return lowest;
}

/** Returns the sides that cost more than the recorded ratio and its room, if any. */
export function exceededSides(measured: MeasuredCost, { ratio, room }: RecordedCost): readonly (keyof CallCost)[] {
  const now = ratioOf(measured);
  return (["host", "worker"] as const).filter((side) => now[side] > ratio[side] * room);
}

/** Formats a measurement next to the recorded cost. */
export function formatCost(measured: MeasuredCost, recorded: RecordedCost): string {
  const now = ratioOf(measured);
  const lines = (["host", "worker"] as const).map((side) => {
    const figures = `${measured.call[side].toFixed(1)} µs a call, baseline ${measured.baseline[side].toFixed(1)} µs`;
    const most = recorded.ratio[side] * recorded.room;
    const bound = `recorded ${recorded.ratio[side].toFixed(2)} ×, at most ${most.toFixed(2)} ×`;
    return `${side}: ${figures}: ${now[side].toFixed(2)} × (${bound})`;
  });
  return lines.join("\n");
}

function roundedCost({ host, worker }: CallCost): CallCost {
  return { host: Math.round(host * 100) / 100, worker: Math.round(worker * 100) / 100 };
}
