/** One row of the table: a value and the floor that was measured in the same run. */
export interface Row {
  /** Stable name, for comparison over time. */
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  /** The same work without Snakepit. */
  readonly floor: number;
  /** Value divided by floor: for a rate, the share of the floor that is reached; for a time or size, a multiple of the floor. */
  readonly ratio: number;
  /** The smallest and largest ratio of several starts; `ratio` is their median. Absent for a single start. */
  readonly range?: readonly [number, number];
}

export function row(id: string, value: number, unit: string, floor: number): Row {
  return { id, value, unit, floor, ratio: value / floor };
}
