import { framesIn, reduced } from "./fault-stack.ts";

/** What a process wrote before it ended, for the end of a message. */
export function lastWords(stderrTail: string): string {
  return stderrTail === "" ? "" : `; its last words on stderr:\n${reduced(stderrTail)}`;
}

/** Where a process was that took too long, for the end of a message; without frames, what it wrote. */
export function whereItWas(stderr: string): string {
  const frames = framesIn(stderr);
  return frames === "" ? lastWords(stderr) : `; it was here:\n${frames}`;
}
