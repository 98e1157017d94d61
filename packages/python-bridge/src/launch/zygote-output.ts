import { OutputTail } from "../stderr-tail.ts";

type Source = "stdout" | "stderr";

/** Characters of output that are buffered. The program may not be Python and may write without end. */
const MAX_BUFFERED = 1024 * 1024;

/** The stdout and stderr of a zygote. Output that becomes part of an error is not forwarded to the log. */
export class ZygoteOutput {
  readonly #forward: (source: Source, piece: string) => void;
  readonly #stderr = new OutputTail();
  readonly #buffered: { readonly source: Source; readonly piece: string }[] = [];
  #bufferedLength = 0;
  #stack = "";
  #phase: "unidentified" | "identified" | "writing-stack" = "unidentified";

  constructor(forward: (source: Source, piece: string) => void) {
    this.#forward = forward;
  }

  push(source: Source, piece: string): void {
    if (source === "stderr") this.#stderr.push(piece);
    switch (this.#phase) {
      case "unidentified":
        if (this.#bufferedLength < MAX_BUFFERED) this.#buffered.push({ source, piece });
        this.#bufferedLength += piece.length;
        return;
      case "identified":
        this.#forward(source, piece);
        return;
      case "writing-stack":
        if (this.#stack.length < MAX_BUFFERED) this.#stack += piece;
        return;
      default:
        this.#phase satisfies never;
    }
  }

  /** The program has identified itself as a zygote. Output before that may be an error message of the interpreter. */
  identified(): void {
    this.#phase = "identified";
    for (const { source, piece } of this.#buffered.splice(0)) this.#forward(source, piece);
  }

  /** Treats all further output as the stack of the zygote. */
  expectStack(): void {
    this.#phase = "writing-stack";
  }

  /** The last lines on stderr. */
  get stderrTail(): string {
    return this.#stderr.toString();
  }

  /** The output since {@link expectStack}. */
  get stack(): string {
    return this.#stack;
  }
}
