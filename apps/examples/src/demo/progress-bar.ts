import { styleText } from "node:util";

const WIDTH = 32;
const STEPS_WITHOUT_TERMINAL = 4;

/** A line that fills up; where there is no terminal, a few plain lines instead. */
export class ProgressBar {
  readonly #label: string;
  readonly #total: number;
  readonly #start = performance.now();
  #shown = -1;

  constructor(label: string, total: number) {
    this.#label = label;
    this.#total = total;
  }

  /** Shows that `done` of the total are finished; `note` stands at the end of the line. */
  show(done: number, note = ""): void {
    const share = done / this.#total;
    const step = Math.floor(share * (process.stdout.isTTY ? 200 : STEPS_WITHOUT_TERMINAL));
    if (step === this.#shown && note === "") return;
    this.#shown = step;
    const filled = Math.round(share * WIDTH);
    const bar = styleText("green", "█".repeat(filled)) + styleText("dim", "░".repeat(WIDTH - filled));
    const rate = Math.round(done / this.seconds || 0);
    const text = `  ${this.#label} ${bar} ${String(done).padStart(5)}/${this.#total}  ${rate} files/s ${note}`;
    process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  }

  /** Ends the line. */
  finish(): void {
    if (process.stdout.isTTY) process.stdout.write("\n");
  }

  get seconds(): number {
    return (performance.now() - this.#start) / 1_000;
  }
}
