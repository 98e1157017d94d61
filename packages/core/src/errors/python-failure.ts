/** The data of a Python exception. */
export interface PythonFailure {
  /** Name of the exception's class, for example `ZeroDivisionError`. */
  readonly type: string;
  /** Module of the exception's class, for example `builtins`. */
  readonly module: string;
  /** `str(exception)`. */
  readonly message: string;
  /** The traceback, formatted by Python, without the frames of the bridge. */
  readonly traceback: string;
  /** Notes added with `add_note()` (Python 3.11 and newer). */
  readonly notes: readonly string[];
  /** Its `__cause__`, or its `__context__` unless that is suppressed. */
  readonly cause?: PythonFailure;
}

/** Maximum number of frames in the format of V8; the innermost ones are shown. */
const MAX_FRAMES = 20;
/** Maximum number of frames of user code in the format of Python, with their lines of code. */
const MAX_FRAMES_WITH_CODE = 5;
/** Maximum number of lines of notes in a stack; the data of the exception has all of them. */
const MAX_NOTE_LINES = 20;

/**
 * `  File "/app/tools.py", line 3, in load`; with a margin in an exception group; without a function in a SyntaxError.
 */
export const FRAME = /^[\s|]*File "(.+)", line (\d+)(?:, in (.+))?$/;
/** The header of an exception or of one of its causes, but not of a member of an exception group. */
export const HEADER = /^\s*(?:\+ Exception Group )?Traceback \(most recent call last\):$/;
/** The beginning of the members of an exception group. */
const MEMBERS = /^\s*\+-\+-/;
/** Files of the standard library and of installed packages. */
export const LIBRARY_FILE = /[\\/](?:site|dist)-packages[\\/]|[\\/]lib[\\/]python\d[^\\/]*[\\/]|^</;

interface PythonFrame {
  readonly file: string;
  readonly line: string;
  readonly function: string;
  /** The line of code; empty if the traceback does not contain it. */
  readonly code: string;
}

/**
 * Returns a stack with the notes and frames of a Python exception between the message and the JavaScript frames: the
 * notes, then the frames of user code in the format of Python, then all frames, innermost first, in the format of V8,
 * which test runners and error trackers can parse.
 *
 * @param stack the stack from V8; returned unchanged if the exception has neither frames nor notes.
 */
export function stackWithPython(stack: string, failure: Pick<PythonFailure, "traceback" | "notes">): string {
  const python = stackOfPython(failure);
  if (python === "") return stack;
  const end = stack.indexOf("\n    at ");
  const [message, own] = end === -1 ? [stack, ""] : [stack.slice(0, end), stack.slice(end)];
  return `${message}${python}${own}`;
}

/** Returns the lines that {@link stackWithPython} adds, each after a line feed; empty without frames and notes. */
export function stackOfPython({ traceback, notes }: Pick<PythonFailure, "traceback" | "notes">): string {
  const noted = notes
    .flatMap((note) => note.split("\n"))
    .slice(0, MAX_NOTE_LINES)
    .map((line) => `\n${line}`)
    .join("");
  const frames = framesOf(traceback);
  if (frames.length === 0) return noted;
  const userFrames = frames.filter(({ file }) => !LIBRARY_FILE.test(file));
  const withCode = (userFrames.length === 0 ? frames : userFrames).slice(-MAX_FRAMES_WITH_CODE);
  const lines = [
    "Traceback (most recent call last):",
    ...withCode.flatMap(({ file, line, function: name, code }) => [
      `  File "${file}", line ${line}, in ${name}`,
      ...(code === "" ? [] : [`    ${code}`]),
    ]),
    ...frames
      .slice(-MAX_FRAMES)
      .toReversed()
      .map((frame) => `    at ${frame.function} (${frame.file}:${frame.line}:1)`),
  ];
  return `${noted}\n${lines.join("\n")}`;
}

/** Returns the frames of an exception, outermost first, without those of its causes or of the members of a group. */
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

/** Returns the line of code after the line of a frame. */
function codeAfter(lines: readonly string[], index: number): string {
  const next = lines[index + 1] ?? "";
  if (FRAME.test(next) || !/^[\s|]* {4}/.test(next)) return "";
  return next.replace(/^[\s|]+/, "").trimEnd();
}
