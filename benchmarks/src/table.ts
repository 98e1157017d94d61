/** One row of the table: a value and the floor that was measured in the same run. */
export interface Row {
  /** Stable name, for comparison over time. */
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  /** The same work without Snakepit. */
  readonly floor: number;
  /**
   * Value divided by floor: for a rate, the share of the floor that is reached; for a time or size, a multiple of the
   * floor.
   */
  readonly ratio: number;
  /** The smallest and largest ratio of several starts; `ratio` is their median. Absent for a single start. */
  readonly range?: readonly [number, number];
}

export function row(id: string, value: number, unit: string, floor: number): Row {
  return { id, value, unit, floor, ratio: value / floor };
}

const HEAD = ["what", "value", "unit", "floor", "value / floor"];

/** Formats the rows as an aligned table. */
export function formatTable(rows: readonly Row[]): string {
  const lines = rows.map((each) => [each.id, digits(each.value), each.unit, digits(each.floor), ratio(each)]);
  return columns(HEAD, lines, [0, 2]);
}

/** Aligns lines of cells below a head; the columns `left` to the left, the others to the right. */
export function columns(
  head: readonly string[],
  lines: readonly (readonly string[])[],
  left: readonly number[],
): string {
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0)));
  const format = (line: readonly string[]) =>
    line
      .map((cell, i) => (left.includes(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return [format(head), format(widths.map((width) => "─".repeat(width))), ...lines.map(format)].join("\n");
}

function ratio({ ratio, range }: Row): string {
  const [least, greatest] = range ?? [];
  const spread =
    least === undefined || greatest === undefined ? "" : ` (${least.toFixed(2)} to ${greatest.toFixed(2)})`;
  return `${ratio.toFixed(2)} ×${spread}`;
}

/** Formats a figure with as many digits as are of interest. */
export function digits(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString("en");
  return value >= 10 ? value.toFixed(1) : value.toFixed(3);
}
