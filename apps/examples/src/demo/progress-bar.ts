import { styleText } from "node:util";

const WIDTH = 32;
const STEPS_WITHOUT_TERMINAL = 4;

/** A progress bar on one line of a terminal; without a terminal, a few plain lines. */
export class ProgressBar {
  readonly #label: string;
  readonly #total: number;
  readonly #start = performance.now();
  #shown = -1;

  constructor(label: string, total: number) {
    this.#label = label;
    this.#total = total;
  }

  /** Shows that `done` of the total are finished; `note` is appended to the line. */
  show(done: number, note = ""): void {
    const share = done / this.#total;
    const step = Math.floor(share * (process.stdout.isTTY ? 200 : STEPS_WITHOUT_TERMINAL));
    if (step === this.#shown && note === "") return;
    this.#shown = step;
    const filled = Math.round(share * WIDTH);
    const bar = styleText("green", "█".repeat(filled)) + styleText("dim", "░".repeat(WIDTH - filled));
    const rate = Math.round(done / this.seconds || 0);
    const line = `   ${this.#label} ${bar} ${String(done).padStart(5)}/${this.#total}  ${rate} files/s ${note}`;
    process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  }

  /** Ends the line. */
  finish(): void {
    if (process.stdout.isTTY) process.stdout.write("\n");
  }

  get seconds(): number {
    return (performance.now() - this.#start) / 1_000;
  }
}
