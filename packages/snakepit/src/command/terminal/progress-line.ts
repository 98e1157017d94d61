import { clearLine, cursorTo } from "node:readline";
import { Writable } from "node:stream";
import { columnsOf, type OutputStream, printable, styleOf } from "./output-stream.ts";
import { cutToWidth, widthOf } from "./wrap-text.ts";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 80;

/**
 * A line on stderr that shows what a command is doing, with an animation. It is written only to a terminal and removed
 * at the end; elsewhere nothing is written. (Libraries for this also write in pipes, or hide the cursor, which a
 * signal would leave hidden.)
 *
 * @example
 * using progress = new ProgressLine(terminal.stderr);
 * progress.show("Running the interpreter");
 */
export class ProgressLine {
  readonly #stream: (OutputStream & Writable) | undefined;
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #text = "";

  constructor(stream: OutputStream) {
    this.#stream = stream.isTTY === true && stream instanceof Writable ? stream : undefined;
  }

  /** Shows a string in place of the previous one. */
  show(text: string): void {
    if (this.#stream === undefined) return;
    this.#text = printable(text).replaceAll("\n", " ");
    this.#timer ??= setInterval(() => this.#draw(), FRAME_MS).unref();
    this.#draw();
  }

  /** Removes the line, for example before other output; `show` writes it again. */
  clear(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#text !== "") this.#erase();
    this.#text = "";
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  #draw(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    const frame = FRAMES[Math.floor((performance.now() - this.#startedAt) / FRAME_MS) % FRAMES.length] ?? "";
    // A line that fills the terminal would wrap, and only its last part could be removed.
    const room = columnsOf(stream) - 3;
    const text = widthOf(this.#text) > room ? `${cutToWidth(this.#text, room - 1)}…` : this.#text;
    this.#erase();
    stream.write(`${styleOf(stream)("cyan", frame)} ${text}`);
  }

  #erase(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    cursorTo(stream, 0);
    clearLine(stream, 0);
  }
}
