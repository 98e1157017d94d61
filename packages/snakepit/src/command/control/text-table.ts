import { basename, isAbsolute, relative } from "node:path";
import type { HostIdentity } from "@snakepit/core";
import { printable } from "../terminal/output-stream.ts";

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly right?: boolean;
  value(row: Row): string;
}

/** Returns a string for one line of a terminal, which cannot change the display: names come from other programs. */
export function oneLine(text: string): string {
  return printable(text).replace(/[\t\n]/g, "\ufffd");
}

/** Formats rows as the lines of a table; the last column is not padded. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map((each) => oneLine(each.value(row)))),
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

/** Formats the command of a host as it was probably typed: `node server.js`. JSON has its absolute paths. */
export function commandText({ command: [executable = "", ...args], cwd }: HostIdentity): string {
  const short = args.map((arg) => {
    const path = isAbsolute(arg) ? relative(cwd, arg) : arg;
    return path === "" || path.startsWith("..") ? arg : path;
  });
  return [basename(executable), ...short].join(" ");
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
