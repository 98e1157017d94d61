import { stripVTControlCharacters } from "node:util";
import { type Logger, type Paint, paintFor, paintTraceback } from "@snakepit/core";

type Level = keyof Logger;

const STYLES: Readonly<Record<Level, Parameters<Paint>[0]>> = {
  debug: "dim",
  info: "green",
  warn: "yellow",
  error: ["bold", "red"],
};

/** The colors of workers, chosen by their ID. */
const WORKER_STYLES = [
  "cyan",
  "magenta",
  "blue",
  "yellow",
  "green",
  "cyanBright",
  "magentaBright",
  "blueBright",
] as const;

/** Printed lines have no level. */
const PRINTED: Readonly<Record<string, string>> = { stdout: "out", stderr: "err" };

const MAX_PREFIX = 24;

/** What the built-in logger shows of a record, in addition to the message. */
interface Facts {
  readonly workerId?: string;
  readonly source?: string;
  readonly logger?: string;
  readonly callId?: string;
  readonly sessionId?: string;
  readonly thread?: string;
  readonly stacks?: string;
  readonly err?: unknown;
}

/**
 * Returns a logger that writes aligned lines for people: the time, the level, the worker, the Python logger and the
 * message. Further lines of a message, such as a Python traceback, are indented.
 *
 * @param colors whether the lines may contain escape sequences. Without, those in messages are removed.
 */
export function prettyLogger(
  write: (text: string) => void,
  colors: boolean,
  now: () => Date = () => new Date(),
): Logger {
  const paint = paintFor(colors);
  let width = 0;

  const writer = (level: Level) => (fields: object, message: string) => {
    const facts = fields as Facts;
    const from = facts.source === undefined ? "snakepit" : oneLine(facts.workerId ?? "worker");
    width = Math.max(width, Math.min(from.length, MAX_PREFIX));
    const printed = facts.source === undefined ? undefined : PRINTED[facts.source];
    const head = [
      paint("dim", timeOf(now())),
      printed === undefined ? paint(STYLES[level], level.toUpperCase().padEnd(5)) : paint("dim", printed.padEnd(5)),
      paint(facts.source === undefined ? "bold" : styleOf(from), `[${from}]`) +
        " ".repeat(Math.max(0, width - from.length)),
    ].join(" ");
    const logger = facts.source === "logging" ? paint("bold", `${oneLine(facts.logger ?? "root")}:`) : "";
    const [first = "", ...further] = clean(message, colors).split("\n");
    const context = printed === undefined ? contextOf(facts) : "";
    const line = [head, logger, first, context === "" ? "" : paint("dim", context)].filter((part) => part !== "");
    const below = [further.join("\n"), ...detailsOf(facts, message).map((text) => clean(text, colors))];
    const indented = below.filter((text) => text !== "").map((text) => indent(paintTraceback(text, paint)));
    write(`${[line.join(" "), ...indented].join("\n")}\n`);
  };
  return { debug: writer("debug"), info: writer("info"), warn: writer("warn"), error: writer("error") };
}

function timeOf(date: Date): string {
  const part = (value: number, length: number) => String(value).padStart(length, "0");
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((value) => part(value, 2)).join(":");
  return `${clock}.${part(date.getMilliseconds(), 3)}`;
}

function contextOf({ callId, sessionId, thread }: Facts): string {
  const entries = Object.entries({ callId, sessionId, thread }).filter(([, value]) => value !== undefined);
  return entries.map(([name, value]) => `${name}=${oneLine(String(value))}`).join(" ");
}

/** Returns what follows the message: what it does not contain of an error, and the stacks of a killed worker. */
function detailsOf({ stacks, err }: Facts, message: string): string[] {
  const ofWorker = typeof stacks === "string" ? [stacks.trimEnd()] : [];
  if (typeof err !== "object" || err === null || !("message" in err) || typeof err.message !== "string")
    return ofWorker;
  const python = "python" in err ? tracebackOf(err.python) : undefined;
  const [first = "", ...further] = err.message.split("\n");
  const isKnown = "code" in err && err.code !== "INTERNAL";
  // The stack of an expected error shows only where Snakepit created it.
  const stack = !isKnown && "stack" in err && typeof err.stack === "string" ? err.stack : "";
  return [
    ...(message.includes(first) ? [] : [err.message]),
    ...(message.includes(first) && python === undefined && stack === "" ? [further.join("\n")] : []),
    python ?? stack,
    ...ofWorker,
  ];
}

function tracebackOf(python: unknown): string | undefined {
  if (typeof python !== "object" || python === null || !("traceback" in python)) return undefined;
  return typeof python.traceback === "string" ? python.traceback.trimEnd() : undefined;
}

function styleOf(workerId: string): (typeof WORKER_STYLES)[number] {
  let hash = 0;
  for (let index = 0; index < workerId.length; index++) hash = (hash * 31 + workerId.charCodeAt(index)) >>> 0;
  return WORKER_STYLES[hash % WORKER_STYLES.length] ?? "cyan";
}

const ESCAPE = "\u001b";
const RESET = `${ESCAPE}[0m`;

/** Sets colors and styles of the following text, and nothing else. */
const STYLE = new RegExp(`(${ESCAPE}\\[[\\d;:]{0,64}m)`, "g");

const CONTROL = /\p{Cc}/u;
/** All control characters except for line ends and tabs. */
const CONTROLS = /[\p{Cc}--[\n\t]]/gv;
const ALL_CONTROLS = /\p{Cc}/gu;

/**
 * Returns a message without control characters: they could change what the terminal shows of other records, or its
 * state. Colors are kept if lines may have some, and end with the message.
 */
function clean(text: string, colors: boolean): string {
  if (!CONTROL.test(text)) return text;
  const lines = text.replaceAll("\r\n", "\n");
  if (!colors) return visible(stripVTControlCharacters(lines), CONTROLS);
  const [plain = "", ...styled] = lines.split(STYLE);
  if (styled.length === 0) return visible(stripVTControlCharacters(plain), CONTROLS);
  const parts = [plain, ...styled].map((part, index) =>
    index % 2 === 1 ? part : visible(stripVTControlCharacters(part), CONTROLS),
  );
  return `${parts.join("")}${RESET}`;
}

/** Returns a name as a part of a line. Names may come from callers, who could otherwise forge lines. */
function oneLine(name: string): string {
  return CONTROL.test(name) ? visible(name, ALL_CONTROLS) : name;
}

/** Replaces characters by their escape sequences in JavaScript. */
function visible(text: string, characters: RegExp): string {
  return text.replace(characters, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function indent(text: string): string {
  return `    ${text.replaceAll("\n", "\n    ")}`;
}
