import type { ReadStream, WriteStream } from "node:tty";
import type { Terminal } from "../command.ts";

/** A terminal in which a command can draw and read keys. */
export interface LiveTerminal {
  readonly output: Pick<WriteStream, "write" | "columns" | "rows">;
  readonly input: Pick<ReadStream, "setRawMode" | "on" | "off" | "resume" | "pause">;
}

const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const CLEAR_LINE = "\u001b[K";
const CLEAR_REST = "\u001b[J";
const QUIT_KEYS = ["q", "Q", "\u0003", "\u001b"];

/** Returns the terminal of a command; `undefined` if its input or output is not a terminal. */
export function liveTerminal({ stdout }: Terminal): LiveTerminal | undefined {
  const isTerminal = stdout === process.stdout && process.stdout.isTTY && process.stdin.isTTY;
  return isTerminal ? { output: process.stdout, input: process.stdin } : undefined;
}

/** The alternate screen of a terminal. It is left on disposal; what was displayed before is then shown again. */
export class LiveScreen implements Disposable {
  readonly #terminal: LiveTerminal;
  readonly #quit = new AbortController();
  /** Aborts when the user quits, or the command must end. */
  readonly ended: AbortSignal;
  readonly #onKey = (key: Buffer | string) => {
    if (QUIT_KEYS.includes(key.toString())) this.#quit.abort();
  };

  constructor(terminal: LiveTerminal, signal: AbortSignal) {
    this.#terminal = terminal;
    this.ended = AbortSignal.any([signal, this.#quit.signal]);
    terminal.input.setRawMode(true);
    terminal.input.on("data", this.#onKey);
    terminal.input.resume();
    terminal.output.write(ENTER);
  }

  /** Draws lines from the top; what does not fit is cut off. */
  draw(lines: readonly string[]): void {
    const { output } = this.#terminal;
    // The size of some terminals is unknown.
    const [columns, rows] = [output.columns || 80, output.rows || 24];
    const shown = lines.slice(0, rows).map((line) => `${line.slice(0, columns)}${CLEAR_LINE}`);
    output.write(`${HOME}${shown.join("\r\n")}${CLEAR_REST}`);
  }

  /** Waits, but no longer than the user. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.ended.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.ended.addEventListener("abort", done, { once: true });
      if (this.ended.aborted) done();
    });
  }

  [Symbol.dispose](): void {
    const { input, output } = this.#terminal;
    output.write(LEAVE);
    input.off("data", this.#onKey);
    input.setRawMode(false);
    input.pause();
  }
}
