/** A piece of a file in which words are checked: a comment, a string, an identifier, a paragraph. */
export interface Passage {
  /** What is checked, on one line; an identifier is split into its words. */
  readonly text: string;
  /** Where it begins in the file, counted from 1. */
  readonly line: number;
}

/** The words of an identifier or a path: `workerId` and `worker_id` become `worker id`. */
export function splitName(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .replace(/[^A-Za-z\d]+/g, " ")
    .trim()
    .toLowerCase();
}

/**
 * A comment or string as running text: without the marks at the beginning of its lines, and without code in backticks.
 */
export function runningText(raw: string): string {
  return raw
    .replace(/^[ \t]*(?:\/\/+|\/\*+|\*+\/?|#+)/gm, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Finds the line of an offset; offsets must not decrease from call to call. */
export function lineFinder(source: string): (offset: number) => number {
  let line = 1;
  let at = 0;
  return (offset) => {
    for (; at < offset; at++) if (source[at] === "\n") line += 1;
    return line;
  };
}
