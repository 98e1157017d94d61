import { type PythonFailure, stackOfPython } from "./python-failure.ts";
import { type Paint, paintFor, paintTraceback } from "./traceback-text.ts";

/** What Node.js passes to the function that inspects an object; libraries of assertions pass other objects. */
export interface InspectSettings {
  readonly colors?: boolean;
}

export type Inspect = (value: unknown, options: object) => string;

/** What is printed of a `SnakepitError`. */
interface PrintedError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly python?: PythonFailure;
}

/** Details that the message contains in a readable form. */
const IN_MESSAGE: ReadonlySet<string> = new Set(["stderrTail", "stacks", "problems", "requested"]);
/** Properties that are printed elsewhere, or that follow from the code. */
const PRINTED: ReadonlySet<string> = new Set(["name", "message", "stack", "code", "retryable", "details", "cause"]);

/** Frames of Node.js and of Snakepit. A bundle has no such paths; its frames are all printed. */
const INTERNAL_FRAME =
  /\((?:node:internal\/[^)]*|<anonymous>)\)$|[\\/]node_modules[\\/](?:@snakepit[\\/]|snakepit[\\/])/;

const MAX_TRACEBACK_LINES = 200;

/** Formats an error for a person. */
export function errorText(error: PrintedError, depth: number, settings: InspectSettings, inspect: Inspect): string {
  const paint = paintFor(settings.colors === true);
  const { python } = error;
  const header = `${paint(["bold", "red"], `${error.name} [${error.code}]`)}: ${error.message}`;
  if (depth < 0) return `[${error.name} [${error.code}]: ${error.message.split("\n", 1).join()}]`;
  const cause = causeOutside(error);
  const parts = [
    header,
    ...(python === undefined || error.message.includes(python.traceback.trimEnd()) ? [] : [tracebackOf(python, paint)]),
    ...callersOf(error, paint),
    ...propertiesOf(error, settings, inspect),
    ...(cause === undefined ? [] : [indented(`[cause]: ${inspect(cause, { ...settings, depth: depth - 1 })}`)]),
  ];
  return parts.join("\n");
}

/** Returns the traceback with causes and notes, as Python prints it. */
function tracebackOf({ traceback }: PythonFailure, paint: Paint): string {
  const lines = traceback.trimEnd().split("\n");
  const omitted = lines.length - MAX_TRACEBACK_LINES;
  if (omitted > 0) {
    const half = MAX_TRACEBACK_LINES / 2;
    lines.splice(half, omitted, `  … ${omitted} lines are omitted; error.python.traceback has them …`);
  }
  return paintTraceback(lines.join("\n"), paint);
}

/** Returns the frames of this program, which follow those of Python in the stack. */
function callersOf({ stack, python }: PrintedError, paint: Paint): string[] {
  // With a custom `Error.prepareStackTrace`, the stack need not be a string.
  if (typeof stack !== "string") return [];
  const ofPython = python === undefined ? "" : stackOfPython(python);
  const start = ofPython === "" ? -1 : stack.indexOf(ofPython);
  const own = start === -1 ? stack : stack.slice(start + ofPython.length);
  const frames = own.split("\n").filter((line) => line.startsWith("    at "));
  const callers = frames.filter((line) => !INTERNAL_FRAME.test(line));
  const shown = callers.length === 0 ? frames : callers;
  if (shown.length === 0 || ofPython === "") return shown;
  return [paint("dim", "Called from:"), ...shown];
}

/** Returns the properties in one line, then the details. */
function propertiesOf(error: PrintedError, settings: InspectSettings, inspect: Inspect): string[] {
  const options = { ...settings, depth: 2, breakLength: 116, maxArrayLength: 10, maxStringLength: 1_000 };
  const own = Object.entries(error).filter(([name, value]) => !PRINTED.has(name) && value !== undefined);
  const shown = [...own, ...(error.retryable ? [["retryable", true] as const] : [])];
  const properties = shown.map(([name, value]) => `${name}: ${inspect(value, options)}`).join(", ");
  // `details.stack` of a call that was too slow is the traceback of `python`.
  const isPrinted = (name: string) => IN_MESSAGE.has(name) || (name === "stack" && error.python !== undefined);
  const details = Object.entries(error.details).filter(([name, value]) => !isPrinted(name) && value !== undefined);
  return [
    ...(properties === "" ? [] : [indented(properties)]),
    ...(details.length === 0 ? [] : [indented(`details: ${inspect(Object.fromEntries(details), options)}`)]),
  ];
}

/** Returns the innermost cause outside of Python: the traceback contains the causes that Python has chained. */
function causeOutside(error: PrintedError): unknown {
  let python = error.python?.cause;
  let { cause } = error;
  while (python !== undefined && isCausedBy(cause, python)) {
    python = python.cause;
    cause = cause.cause;
  }
  return cause;
}

function isCausedBy(cause: unknown, python: PythonFailure): cause is PrintedError {
  return typeof cause === "object" && cause !== null && "python" in cause && cause.python === python;
}

function indented(text: string): string {
  return `  ${text.replaceAll("\n", "\n  ")}`;
}
