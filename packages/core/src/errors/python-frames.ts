/** Frames that a stack shows as V8 does; of a deep recursion the innermost say enough. */
const MOST_FRAMES = 20;
/** Frames of the user's code that a stack shows as Python does, with their lines of code. */
const MOST_WITH_CODE = 5;

/** `  File "/app/tools.py", line 3, in load`; in an exception group with a margin; without a function in a SyntaxError. */
const FRAME = /^[\s|]*File "(.+)", line (\d+)(?:, in (.+))?$/;
/** The header of the exception itself or of one that led to it, not of a member of an exception group. */
const HEADER = /^\s*(?:\+ Exception Group )?Traceback \(most recent call last\):$/;
/** Where the members of an exception group begin. */
const MEMBERS = /^\s*\+-\+-/;
/** Code that the user has not written. */
const FOREIGN = /[\\/](?:site|dist)-packages[\\/]|[\\/]lib[\\/]python\d[^\\/]*[\\/]|^</;

interface PythonFrame {
  readonly file: string;
  readonly line: string;
  readonly function: string;
  /** The line of code; empty where Python does not know it. */
  readonly code: string;
}

/**
 * The stack of an error with the frames of a Python traceback between its message and its own frames: first those of the user's
 * code, as Python shows them, then all frames, innermost first, as V8 shows them, which test runners and error trackers can
 * read.
 *
 * @param stack the stack as V8 made it; without a traceback that can be read it is returned unchanged.
 */
export function stackWithPython(stack: string, traceback: string): string {
  const frames = framesOf(traceback);
  if (frames.length === 0) return stack;
  const ofUser = frames.filter(({ file }) => !FOREIGN.test(file));
  const withCode = (ofUser.length === 0 ? frames : ofUser).slice(-MOST_WITH_CODE);
  const lines = [
    "Traceback (most recent call last):",
    ...withCode.flatMap(({ file, line, function: name, code }) => [
      `  File "${file}", line ${line}, in ${name}`,
      ...(code === "" ? [] : [`    ${code}`]),
    ]),
    ...frames
      .slice(-MOST_FRAMES)
      .toReversed()
      .map((frame) => `    at ${frame.function} (${frame.file}:${frame.line}:1)`),
  ];
  const end = stack.indexOf("\n    at ");
  const [message, own] = end === -1 ? [stack, ""] : [stack.slice(0, end), stack.slice(end)];
  return `${message}\n${lines.join("\n")}${own}`;
}

/** The frames of the exception itself, outermost first, without those of exceptions that led to it or that it groups. */
function framesOf(traceback: string): PythonFrame[] {
  const all = traceback.split("\n");
  const lines = all.slice(all.findLastIndex((line) => HEADER.test(line)) + 1);
  const members = lines.findIndex((line) => MEMBERS.test(line));
  const own = members === -1 ? lines : lines.slice(0, members);
  return own.flatMap((line, index) => {
    const [, file, number, name = "<module>"] = FRAME.exec(line) ?? [];
    if (file === undefined || number === undefined) return [];
    return [{ file, line: number, function: name, code: codeAfter(own, index) }];
  });
}

/** The line of code that follows the line of a frame. */
function codeAfter(lines: readonly string[], index: number): string {
  const next = lines[index + 1] ?? "";
  if (FRAME.test(next) || !/^[\s|]* {4}/.test(next)) return "";
  return next.replace(/^[\s|]+/, "").trimEnd();
}
