import { framesIn, reduced } from "./fault-stack.ts";

const TAIL_CHARACTERS = 4_096;
const TAIL_LINES = 40;

/** The last lines that a process has written so far: at most 40 lines and 4096 characters. */
export class OutputTail {
  #tail = "";

  push(piece: string): void {
    this.#tail = (this.#tail + piece).slice(-TAIL_CHARACTERS);
  }

  toString(): string {
    return this.#tail.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
  }
}

/** Joins two outputs, one after the other, and returns the tail of the result. */
export function joinedTails(first: string, second: string): string {
  const tail = new OutputTail();
  if (first !== "") tail.push(`${first}\n`);
  tail.push(second);
  return tail.toString();
}

/** What a process wrote before it ended, for the end of a message. */
export function lastLines(stderrTail: string): string {
  return stderrTail === "" ? "" : `; its last lines on stderr:\n${reduced(stderrTail)}`;
}

/** The stack of a process that took too long, for the end of a message; without frames, what it wrote. */
export function stackAtTimeOut(stderr: string): string {
  const frames = framesIn(stderr);
  return frames === "" ? lastLines(stderr) : `; its stack at the time-out:\n${frames}`;
}
