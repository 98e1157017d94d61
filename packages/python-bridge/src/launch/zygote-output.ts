import { OutputTail } from "../stderr-tail.ts";

type Source = "stdout" | "stderr";

/** Characters that are kept of a program that is no Python, perhaps, and may never stop writing. */
const MOST_HELD_BACK = 1024 * 1024;

/** What a launching program writes to its own stdout and stderr. What belongs into an error is not told as text, too. */
export class ZygoteWords {
  readonly #tell: (source: Source, text: string) => void;
  readonly #stderr = new OutputTail();
  readonly #heldBack: { readonly source: Source; readonly text: string }[] = [];
  #heldBackLength = 0;
  #stack = "";
  #phase: "unidentified" | "identified" | "asked-where-it-is" = "unidentified";

  constructor(tell: (source: Source, text: string) => void) {
    this.#tell = tell;
  }

  heard(source: Source, text: string): void {
    if (source === "stderr") this.#stderr.push(text);
    switch (this.#phase) {
      case "unidentified":
        if (this.#heldBackLength < MOST_HELD_BACK) this.#heldBack.push({ source, text });
        this.#heldBackLength += text.length;
        return;
      case "identified":
        this.#tell(source, text);
        return;
      case "asked-where-it-is":
        if (this.#stack.length < MOST_HELD_BACK) this.#stack += text;
        return;
      default:
        this.#phase satisfies never;
    }
  }

  /** It is the program that was wanted. Until then what it wrote was perhaps an interpreter's complaint. */
  identified(): void {
    this.#phase = "identified";
    for (const { source, text } of this.#heldBack.splice(0)) this.#tell(source, text);
  }

  /** From now on it writes its stack. */
  askedWhereItIs(): void {
    this.#phase = "asked-where-it-is";
  }

  /** The last lines on stderr. */
  get stderrTail(): string {
    return this.#stderr.toString();
  }

  /** What it wrote when it was asked where it is. */
  get stack(): string {
    return this.#stack;
  }
}
