import type { StackFrame, ThreadStack } from "@snakepit/core";
import { hasAllStacks } from "../stderr-tail.ts";

/** Characters of output that are searched for stacks. */
const MAX_DUMP = 262_144;

const THREAD = /^(?:Current thread|Thread) (0x[0-9a-f]+)(?: \[(.*)\])? \(most recent call first\):$/;
const OTHER_HEADER = /^Stack \(most recent call first\):$/;
const FRAME = /^ {2}File "([^"]*)", line (\d+|\?\?\?) in (.*)$/;
const OMITTED = /^ {2}(?:\.\.\.|<no Python frame>|<truncated.*>)$/;
const BRIDGE = /^<frozen |\/snakepit_bridge\/_/;
const RECEIVER = /\/snakepit_bridge\/_worker\/receiver_thread\.py$/;
const STANDARD = /\/lib\/python[\d.]+t?\/(?!(?:site|dist)-packages\/)/;

/** The output of a worker from the moment when its fault handler was requested to write the stacks. */
export class StackDump {
  #written = "";

  /** Adds output. Returns whether all stacks have arrived. */
  push(text: string): boolean {
    this.#written = (this.#written + text).slice(-MAX_DUMP);
    return hasAllStacks(this.#written);
  }

  /** Returns the stacks, the main thread first. */
  threads(): ThreadStack[] {
    return threadsOfDump(this.#written);
  }

  /** Returns the output that does not belong to the stacks. */
  rest(): string {
    return this.#written
      .split("\n")
      .filter((line) => !isOfDump(line))
      .join("\n");
  }
}

function isOfDump(line: string): boolean {
  return THREAD.test(line) || OTHER_HEADER.test(line) || FRAME.test(line) || OMITTED.test(line);
}

/**
 * Returns the stacks that Python's fault handler has written, the main thread first, which it writes last. Other lines
 * in between are ignored.
 */
export function threadsOfDump(output: string): ThreadStack[] {
  const found: { readonly name: string; readonly frames: StackFrame[] }[] = [];
  for (const line of output.split("\n")) {
    const thread = THREAD.exec(line);
    if (thread !== null) found.push({ name: thread[2] ?? `thread ${thread[1]}`, frames: [] });
    const frame = FRAME.exec(line);
    if (frame !== null) {
      const [, file = "", number = "", name = ""] = frame;
      found.at(-1)?.frames.push({ file, line: Number.parseInt(number, 10) || 0, function: name });
    }
  }
  return found.toReversed().map(({ name, frames }, index) => {
    const main = index === 0;
    const outermostFirst = frames.toReversed();
    const internal = !main && frames.some(({ file }) => RECEIVER.test(file));
    return { name: main ? "MainThread" : name, main, internal, frames: withoutCallers(outermostFirst) };
  });
}

/** Removes the frames of the bridge and the interpreter that have called the user's code; all stay without any. */
function withoutCallers(frames: readonly StackFrame[]): readonly StackFrame[] {
  const first = frames.findIndex(({ file }) => !BRIDGE.test(file) && !STANDARD.test(file));
  return first === -1 ? frames : frames.slice(first);
}
