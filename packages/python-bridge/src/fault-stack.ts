const FATAL = /^Fatal Python error: .*$/m;
/** The thread in which it happened; others come before it or after. */
const CURRENT_THREAD = /^Current thread .*\n((?: {2}File .*\n?)*)/m;
const FRAME = /^ {2}File "([^"]*)", line \d+ in /;
const BRIDGE = /^<frozen |\/snakepit_bridge\/_/;
const STANDARD_MACHINERY = /\/lib\/python[\d.]+t?\/(importlib|asyncio)\//;

/** Whether a line that Python's fault handler wrote is a frame of the bridge or of the interpreter's own. */
export function isBridgeFrame(line: string): boolean {
  const file = FRAME.exec(line)?.[1];
  return file !== undefined && BRIDGE.test(file);
}

/**
 * The frames in what Python's fault handler writes when it is asked where a program is, the innermost first, as lines;
 * those of the bridge and of the import system are left out. Empty when there are none.
 */
export function framesIn(text: string): string {
  const isTheirs = (line: string) => {
    const file = FRAME.exec(line)?.[1];
    return file !== undefined && !BRIDGE.test(file) && !STANDARD_MACHINERY.test(file);
  };
  return text.split("\n").filter(isTheirs).join("\n");
}

/** The last lines of a process in which Python's fault handler has spoken, reduced to what tells where it happened. */
export function reduced(stderrTail: string): string {
  const fatal = FATAL.exec(stderrTail);
  if (fatal === null) return stderrTail;
  const dump = stderrTail.slice(fatal.index);
  const frames = framesIn(CURRENT_THREAD.exec(dump)?.[1] ?? dump);
  return [stderrTail.slice(0, fatal.index).trimEnd(), fatal[0], frames].filter((part) => part !== "").join("\n");
}
