import { styleText } from "node:util";
import { FRAME, HEADER, LIBRARY_FILE } from "./python-failure.ts";

type Style = Parameters<typeof styleText>[0];

/** Adds the escape sequences of a style to a string. */
export type Paint = (style: Style, text: string) => string;

/** Returns a function that adds escape sequences, or one that returns its text unchanged. */
export function paintFor(colors: boolean): Paint {
  if (!colors) return (_, text) => text;
  // The caller has decided; by default, `styleText` checks whether stdout is a terminal.
  return (style, text) => styleText(style, text, { validateStream: false });
}

const CARETS = /^[\s|]*[~^]+\s*$/;

/**
 * Colors a string that may contain Python tracebacks, for a terminal: the frames of user code stand out from
 * those of libraries. Without the colors, it stays unchanged.
 */
export function paintTraceback(text: string, paint: Paint): string {
  let inTraceback = false;
  let isLibrary = false;
  const lines = text.split("\n").map((line) => {
    if (HEADER.test(line)) {
      inTraceback = true;
      return paint("dim", line);
    }
    if (!inTraceback || line === "") return line;
    const file = FRAME.exec(line)?.[1];
    if (file !== undefined) {
      isLibrary = LIBRARY_FILE.test(file);
      return paint(isLibrary ? "dim" : "cyan", line);
    }
    if (CARETS.test(line)) return paint(isLibrary ? "dim" : "red", line);
    if (/^[\s|]/.test(line)) return isLibrary ? paint("dim", line) : line;
    inTraceback = false;
    return paint(["bold", "red"], line);
  });
  return lines.join("\n");
}
