const TAIL_CHARACTERS = 4_096;
const TAIL_LINES = 40;

/** The last lines of a text that keeps coming: at most 40 of them and 4096 characters. */
export class TextTail {
  #text = "";

  push(piece: string): void {
    this.#text = (this.#text + piece).slice(-TAIL_CHARACTERS);
  }

  toString(): string {
    return this.#text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
  }
}

/** The end of two texts, one after the other. */
export function joinedTails(first: string, second: string): string {
  const tail = new TextTail();
  if (first !== "") tail.push(`${first}\n`);
  tail.push(second);
  return tail.toString();
}
