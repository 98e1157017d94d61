import { once } from "node:events";
import { Writable } from "node:stream";
import { stripVTControlCharacters, styleText } from "node:util";

/** A stream to which a command writes; `process.stdout` and `process.stderr` are such streams. */
export interface OutputStream {
  write(chunk: string): unknown;
  /** Whether a person reads it. Default: `false`. */
  readonly isTTY?: boolean | undefined;
  /** The width of the terminal in columns. */
  readonly columns?: number | undefined;
}

/** Writes text, and waits while the reader is slower. */
export async function writeText(stream: OutputStream, text: string): Promise<void> {
  if (stream.write(text) === false && stream instanceof Writable) await once(stream, "drain");
}

/** The width of lines in columns where the width of the terminal is unknown. */
const DEFAULT_COLUMNS = 100;

/** Returns the width of a stream in columns; 100 if it is not a terminal. */
export function columnsOf({ isTTY, columns }: OutputStream): number {
  // A terminal whose size is unknown reports 0 columns.
  return isTTY === true && columns !== undefined && columns > 0 ? columns : DEFAULT_COLUMNS;
}

/** A format of `util.styleText`, for example `"bold"` or `["bold", "red"]`. */
export type Format = Parameters<typeof styleText>[0];

/** Formats text if its stream displays colors. */
export type Style = (format: Format, text: string) => string;

/**
 * Returns the style of a stream. There are colors only in terminals that support them, unless `NO_COLOR`,
 * `NODE_DISABLE_COLORS` or `FORCE_COLOR` is set (https://nodejs.org/api/cli.html#force_color1-2-3).
 */
export function styleOf(stream: OutputStream): Style {
  return (format, text) => (stream instanceof Writable ? styleText(format, text, { stream }) : text);
}

/** Everything below the space and the deletion character, except the tab and the line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace.
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Returns a string that can be written to a terminal: without escape sequences and control characters, which could
 * change the display. Tabs and line feeds are kept. For everything that comes from tools, files and other processes.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text.replaceAll("\r\n", "\n")).replace(CONTROL_CHARACTERS, "\ufffd");
}
