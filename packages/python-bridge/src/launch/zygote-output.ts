import { OutputTail } from "../stderr-tail.ts";

type Source = "stdout" | "stderr";

/** Characters that are kept of a program that may not be Python, and may never stop writing. */
const MOST_HELD_BACK = 1024 * 1024;

/** What a zygote writes to its own stdout and stderr. What is part of an error is not forwarded as output as well. */
export class ZygoteOutput {
  readonly #forward: (source: Source, piece: string) => void;
  readonly #stderr = new OutputTail();
  readonly #heldBack: { readonly source: Source; readonly piece: string }[] = [];
  #heldBackLength = 0;
  #stack = "";
  #phase: "unidentified" | "identified" | "writing-stack" = "unidentified";

  constructor(forward: (source: Source, piece: string) => void) {
    this.#forward = forward;
  }

  push(source: Source, piece: string): void {
    if (source === "stderr") this.#stderr.push(piece);
    switch (this.#phase) {
      case "unidentified":
        if (this.#heldBackLength < MOST_HELD_BACK) this.#heldBack.push({ source, piece });
        this.#heldBackLength += piece.length;
        return;
      case "identified":
        this.#forward(source, piece);
        return;
      case "writing-stack":
        if (this.#stack.length < MOST_HELD_BACK) this.#stack += piece;
        return;
      default:
        this.#phase satisfies never;
    }
  }

  /** The program is a zygote. Until then its output may have been an interpreter's complaint. */
  identified(): void {
    this.#phase = "identified";
    for (const { source, piece } of this.#heldBack.splice(0)) this.#forward(source, piece);
  }

  /** From now on it writes its stack. */
  expectStack(): void {
    this.#phase = "writing-stack";
  }

  /** The last lines on stderr. */
  get stderrTail(): string {
    return this.#stderr.toString();
  }

  /** What it wrote when it was asked for its stack. */
  get stack(): string {
    return this.#stack;
  }
}
