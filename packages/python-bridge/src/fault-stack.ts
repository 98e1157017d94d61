const FATAL = /^Fatal Python error: .*$/m;
/** The frames of the thread that failed; other threads are listed before or after it. */
const CURRENT_THREAD = /^Current thread .*\n((?: {2}File .*\n?)*)/m;
const FRAME = /^ {2}File "([^"]*)", line \d+ in /;
const BRIDGE = /^<frozen |\/snakepit_bridge\/_/;
const STANDARD_MACHINERY = /\/lib\/python[\d.]+t?\/(importlib|asyncio)\//;

/** Whether a line written by Python's fault handler is a stack frame of the bridge or of the interpreter. */
export function isBridgeFrame(line: string): boolean {
  const file = FRAME.exec(line)?.[1];
  return file !== undefined && BRIDGE.test(file);
}

/**
 * Returns the stack frames of user code in the output of Python's fault handler, one per line, the innermost first. Frames
 * of the bridge, the import system and asyncio are omitted. Empty if no frame is left.
 */
export function userFrames(dump: string): string {
  const isUserFrame = (line: string) => {
    const file = FRAME.exec(line)?.[1];
    return file !== undefined && !BRIDGE.test(file) && !STANDARD_MACHINERY.test(file);
  };
  return dump.split("\n").filter(isUserFrame).join("\n");
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
