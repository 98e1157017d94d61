import type { ReadStream, WriteStream } from "node:tty";
import type { Terminal } from "../command.ts";
import { cutToWidth } from "../terminal/wrap-text.ts";

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
const ESCAPE = "\u001b";
const QUIT_KEYS = ["q", "Q", "\u0003", ESCAPE];
/** The fewest rows of a terminal in which the footer is shown. */
const MIN_ROWS_WITH_FOOTER = 3;

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
  readonly #onKey = (input: Buffer | string) => {
    const text = input.toString();
    // Keys such as the arrows send several characters, the first of which is the escape character. Several keys can
    // arrive at once.
    const keys = text.length > 1 && text.startsWith(ESCAPE) ? [] : [...text];
    if (keys.some((key) => QUIT_KEYS.includes(key))) this.#quit.abort();
  };
  /** The process can end without a disposal: by the second signal, or by an uncaught error. */
  readonly #onExit = () => this.#terminal.output.write(LEAVE);

  constructor(terminal: LiveTerminal, signal: AbortSignal) {
    this.#terminal = terminal;
    this.ended = AbortSignal.any([signal, this.#quit.signal]);
    terminal.input.setRawMode(true);
    terminal.input.on("data", this.#onKey);
    terminal.input.resume();
    terminal.output.write(ENTER);
    process.once("exit", this.#onExit);
  }

  /** Draws lines from the top; what does not fit is cut off. The footer is below them, and never cut off for lines. */
  draw(lines: readonly string[], footer?: string): void {
    const { output } = this.#terminal;
    // The size of some terminals is unknown.
    const [columns, rows] = [output.columns || 80, output.rows || 24];
    const fitting =
      footer === undefined || rows < MIN_ROWS_WITH_FOOTER
        ? lines.slice(0, rows)
        : [...lines.slice(0, rows - 2), "", footer];
    const shown = fitting.map((line) => `${cutToWidth(line, columns)}${CLEAR_LINE}`);
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
    process.off("exit", this.#onExit);
    // Ends what waits for a pause.
    this.#quit.abort();
    output.write(LEAVE);
    input.off("data", this.#onKey);
    input.setRawMode(false);
    input.pause();
  }
}
