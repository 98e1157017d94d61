import { stripVTControlCharacters } from "node:util";

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly right?: boolean;
  value(row: Row): string;
}

/** Everything below the space, and the deletion characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace.
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]/g;

/** Returns a string that cannot change the display of a terminal: names come from other programs. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROL_CHARACTERS, "\ufffd");
}

/** Formats rows as the lines of a table; the last column is not padded. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map((each) => printable(each.value(row)))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  return cells.map((line) =>
    line
      .map((cell, index) =>
        columns[index]?.right ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** Formats an age in milliseconds as one or two units: `45 s`, `3 min`, `2 h 5 min`, `4 d 2 h`. */
export function age(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}
