/** One line of the table: what was measured, and the floor measured in the same run. */
export interface Row {
  /** Stable name, for comparison over time. */
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  /** The same thing done with nothing in between. */
  readonly floor: number;
  /** Value divided by floor: of a rate, how much of the floor is reached; of a time or size, how many floors it takes. */
  readonly ratio: number;
  /** The least and the greatest ratio of all starts, of what was started several times; `ratio` is then their median. */
  readonly range?: readonly [number, number];
}

export function row(id: string, value: number, unit: string, floor: number): Row {
  return { id, value, unit, floor, ratio: value / floor };
}
