import { reduceDump, userFrames } from "./fault-stack.ts";

const TAIL_CHARACTERS = 4_096;
const TAIL_LINES = 40;

/** Keeps the last lines of an output: at most 40 lines and 4096 characters. */
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

/** Returns the last lines of stderr as the end of an error message. */
export function lastLines(stderrTail: string): string {
  return stderrTail === "" ? "" : `; last lines of stderr:\n${reduceDump(stderrTail)}`;
}

/** Returns the stack of a process that timed out, as the end of an error message; without frames, the last lines. */
export function stackAtTimeOut(stderr: string): string {
  const frames = userFrames(stderr);
  return frames === "" ? lastLines(stderr) : `; stack at the time-out:\n${frames}`;
}
