const TAIL_CHARACTERS = 4_096;
const TAIL_LINES = 40;

const FATAL = /^Fatal Python error: .*$/m;
/** The frames of the thread that failed; other threads are listed before or after it. */
const CURRENT_THREAD = /^Current thread .*\n((?: {2}File .*\n?)*)/m;
const FRAME = /^ {2}File "([^"]*)", line \d+ in /;
const BRIDGE = /^<frozen |\/snakepit_bridge\/_/;
const THREAD = /^(?:Current thread|Thread|Stack)\b.*\(most recent call first\):$/;
const ALL_STACKS = /^ {2}(?:File "[^"]*", line \d+ in _run_module_as_main|\.\.\.)$/m;
/** Files of the standard library in the stacks of idle threads. */
const THREAD_MACHINERY = /\/(threading|concurrent\/futures\/thread|selectors|queue)\.py$/;
const STANDARD_MACHINERY = /\/lib\/python[\d.]+t?\/(importlib|asyncio)\//;

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

/** Whether a line written by Python's fault handler is a stack frame of the bridge or of the interpreter. */
export function isBridgeFrame(line: string): boolean {
  const file = FRAME.exec(line)?.[1];
  return file !== undefined && BRIDGE.test(file);
}

/**
 * Returns the stack frames of user code in the output of Python's fault handler, one per line, the innermost first.
 * Frames of the bridge, the import system and asyncio are omitted. Empty if no frame is left.
 */
export function userFrames(dump: string): string {
  return dump.split("\n").filter(isUserFrame).join("\n");
}

function isUserFrame(line: string): boolean {
  const file = FRAME.exec(line)?.[1];
  return file !== undefined && !BRIDGE.test(file) && !STANDARD_MACHINERY.test(file);
}

/**
 * Returns the stacks in the output of a process whose fault handler has written them: the user's frames of each thread
 * that runs code of the user, or all frames if none does. Other output in between is omitted; `undefined` without a
 * frame.
 */
export function readStacks(output: string): string | undefined {
  const threads: { readonly header: string; readonly frames: string[] }[] = [];
  for (const line of output.split("\n")) {
    if (THREAD.test(line)) threads.push({ header: line, frames: [] });
    else if (FRAME.test(line)) threads.at(-1)?.frames.push(line);
  }
  const found = threads.filter(({ frames }) => frames.length > 0);
  const ofUser = found
    .map(({ header, frames }) => ({ header, frames: frames.filter(isUserFrame) }))
    .filter(({ frames }) => frames.some((frame) => !THREAD_MACHINERY.test(FRAME.exec(frame)?.[1] ?? "")));
  const shown = ofUser.length > 0 ? ofUser : found;
  if (shown.length === 1) return shown[0]?.frames.join("\n");
  return shown.length === 0 ? undefined : shown.flatMap(({ header, frames }) => [header, ...frames]).join("\n");
}

/**
 * Whether an output contains all stacks that the fault handler writes: it writes the main thread last, whose outermost
 * frame is that of `python -m`, or omits the frames after the first 100.
 */
export function hasAllStacks(output: string): boolean {
  return ALL_STACKS.test(output);
}

/**
 * Reduces a dump of Python's fault handler in the last lines of stderr to the error and the user's frames of the thread
 * that failed. Lines before the dump are kept; without a dump, the lines are returned unchanged.
 */
export function reduceDump(stderrTail: string): string {
  const fatal = FATAL.exec(stderrTail);
  if (fatal === null) return stderrTail;
  const dump = stderrTail.slice(fatal.index);
  const frames = userFrames(CURRENT_THREAD.exec(dump)?.[1] ?? dump);
  return [stderrTail.slice(0, fatal.index).trimEnd(), fatal[0], frames].filter((part) => part !== "").join("\n");
}
