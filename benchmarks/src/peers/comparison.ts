import { median } from "../measure/call-times.ts";
import type { ProcessorTime } from "../measure/processor-time.ts";
import type { Outcome } from "./measurement.ts";
import type { Measured, PeerRow } from "./rows.ts";

/** The outcomes of a row in one round, by the name of the contestant. */
export type Round = ReadonlyMap<string, Outcome>;

/** What a contestant reached in a row, in all rounds. */
export interface Figure {
  readonly peer: string;
  /** The median of the rounds. */
  readonly value: number;
  /** How many times better Snakepit is in the same round: the median of the rounds. 1 for Snakepit itself. */
  readonly ahead: number;
  /** The smallest and largest of the rounds. */
  readonly range: readonly [number, number];
  readonly cpu?: ProcessorTime;
}

/** A contestant without a figure, and why. */
export interface MissingFigure {
  readonly peer: string;
  readonly reason: string;
}

/** A row of the comparison with the figures of all contestants. */
export interface ComparedRow {
  readonly row: PeerRow;
  readonly figures: readonly Figure[];
  readonly missing: readonly MissingFigure[];
}

/** Compares the contestants of a row with `ours`, round by round. */
export function compare(row: PeerRow, ours: string, rounds: readonly Round[]): ComparedRow {
  const names = [...new Set(rounds.flatMap((round) => [...round.keys()]))];
  const figures: Figure[] = [];
  const missing: MissingFigure[] = [];
  for (const peer of names) {
    const measured = rounds.flatMap((round) => measuredIn(round, peer));
    const ratios = rounds.flatMap((round) => {
      const [own, other] = [measuredIn(round, ours)[0], measuredIn(round, peer)[0]];
      return own === undefined || other === undefined ? [] : [ahead(row, own.value, other.value)];
    });
    if (ratios.length === 0) {
      missing.push({ peer, reason: measured.length > 0 ? `${ours} has no figure` : firstFailure(rounds, peer) });
      continue;
    }
    const cpu = medianCpu(measured);
    figures.push({
      peer,
      value: median(measured.map(({ value }) => value)),
      ahead: median(ratios),
      range: [Math.min(...ratios), Math.max(...ratios)],
      ...(cpu === undefined ? {} : { cpu }),
    });
  }
  return { row, figures, missing };
}

/** Returns how many times better `ours` is: rates are better if they are higher, times if they are shorter. */
export function ahead({ unit }: Pick<PeerRow, "unit">, ours: number, peer: number): number {
  return unit === "ms" ? peer / ours : ours / peer;
}

/** Returns the order of a round: each contestant is first in turn, so that none is always measured after another. */
export function rotated<T>(contestants: readonly T[], round: number): readonly T[] {
  const first = round % contestants.length;
  return [...contestants.slice(first), ...contestants.slice(0, first)];
}

function measuredIn(round: Round, peer: string): readonly Measured[] {
  const outcome = round.get(peer);
  return outcome === undefined || "failure" in outcome ? [] : [outcome];
}

function firstFailure(rounds: readonly Round[], peer: string): string {
  for (const round of rounds) {
    const outcome = round.get(peer);
    if (outcome !== undefined && "failure" in outcome) return outcome.failure;
  }
  return "it was not measured";
}

function medianCpu(measured: readonly Measured[]): ProcessorTime | undefined {
  const times = measured.flatMap(({ cpu }) => (cpu === undefined ? [] : [cpu]));
  if (times.length === 0) return undefined;
  return { host: median(times.map(({ host }) => host)), workers: median(times.map(({ workers }) => workers)) };
}
