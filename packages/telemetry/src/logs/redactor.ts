import { isNativeError } from "node:util/types";
import {
  isPlainObject,
  isSecretName,
  type Logger,
  MASK,
  maskUrlSecrets,
  type RedactionConfig,
  SnakepitError,
  thrownMessage,
} from "@snakepit/core";

/** Removes secrets from log records. */
export interface Redactor {
  /** Returns a string in which everything that looks like a secret is masked. */
  text(original: string): string;
  /** Returns a logger that writes redacted records to `target`. */
  logger(target: Logger): Logger;
}

// A name before its value in common notations: `password=…`, `"api_key": "…"`, `Authorization: Bearer …`. A name begins
// at a word boundary and has a maximum length, so that the time is linear in the length of the string.
const NAME = /(?<![\w.-])([\w.-]{1,64})["']?\s{0,8}[:=]\s{0,8}(?:(?:Bearer|Basic|Token)\s{1,8})?/gi;
const VALUE = /"[^"]*"|'[^']*'|[^\s,;&)}\]"']+/y;

/** Masks the values of secret names. The value of another name may contain assignments, as in `ValueError: token=…`. */
function maskAssignments(text: string, isSecret: (name: string) => boolean): string {
  let masked = "";
  let end = 0;
  for (const match of text.matchAll(NAME)) {
    const [whole, name = ""] = match;
    if (match.index < end || !isSecret(name)) continue;
    const start = match.index + whole.length;
    VALUE.lastIndex = start;
    if (!VALUE.test(text)) continue;
    masked += `${text.slice(end, start)}${MASK}`;
    end = VALUE.lastIndex;
  }
  return masked + text.slice(end);
}

const SECRET_PATTERNS = [
  /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,32}PRIVATE KEY-----|$)/g,
  /(?<=\bBearer\s{1,8})[\w.~+/=-]{8,}/gi,
  /\beyJ[\w-]{8,1024}\.[\w-]+\.[\w-]*/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{20,}/g,
  /\bgh[a-z]_[A-Za-z0-9]{30,}/g,
];

/** The nesting depth of a record. Deeper objects are omitted, because they are not redacted. */
const MAX_DEPTH = 8;
/** Maximum number of errors in a chain of causes. */
const MAX_CAUSES = 8;

/** Creates a redactor from the built-in names and patterns of secrets and the configured ones. */
export function createRedactor(options: RedactionConfig = {}): Redactor {
  const keys = new Set((options.keys ?? []).map((key) => key.toLowerCase()));
  const patterns = [...SECRET_PATTERNS, ...(options.patterns ?? []).map(everyMatch)];
  const isSecret = (name: string) => keys.has(name.toLowerCase()) || isSecretName(name);

  const text = (original: string): string => {
    let redacted = maskAssignments(maskUrlSecrets(original), isSecret);
    for (const pattern of patterns) redacted = redacted.replace(pattern, MASK);
    return redacted;
  };

  const value = (original: unknown, depth: number): unknown => {
    if (typeof original === "string") return text(original);
    if (isNativeError(original))
      return depth > 0 ? errorFields(original, depth - 1, MAX_CAUSES) : text(thrownMessage(original));
    if (Array.isArray(original)) return depth > 0 ? original.map((each) => value(each, depth - 1)) : "[Array]";
    if (!isPlainObject(original)) return original;
    return depth > 0 ? fields(original, depth - 1) : "[Object]";
  };

  /** Has no prototype, and `python` neither: otherwise, pino replaces their type with the name of the prototype. */
  const errorFields = (error: Error, depth: number, causes: number): object => {
    const [name, message, stack, cause] = ["name", "message", "stack", "cause"].map((each) => readOf(error, each));
    const own =
      error instanceof SnakepitError ? error.toJSON() : { ...entriesOf(error), name, message, stack, cause: undefined };
    const redacted: { python?: unknown } = fields(own, depth);
    if (isNativeError(cause) && causes > 0) Object.assign(redacted, { cause: errorFields(cause, depth, causes - 1) });
    else if (cause !== undefined && !isNativeError(cause)) Object.assign(redacted, { cause: value(cause, depth) });
    if ("python" in redacted && typeof redacted.python === "object") redacted.python = bare(redacted.python);
    return bare(redacted);
  };

  const fields = (original: object, depth: number): object => {
    const entries = Object.entries(entriesOf(original)).map(([name, held]: [string, unknown]) => {
      return [name, isSecret(name) ? MASK : value(held, depth)];
    });
    return Object.fromEntries(entries);
  };

  const facts = (original: object): object => fields(original, MAX_DEPTH);

  return {
    text,
    logger(target) {
      return {
        // What the logger returns is returned: it may be a promise that rejects.
        debug: (about, message) => target.debug(facts(about), text(message)),
        info: (about, message) => target.info(facts(about), text(message)),
        warn: (about, message) => target.warn(facts(about), text(message)),
        error: (about, message) => target.error(facts(about), text(message)),
      };
    },
  };
}

/** Returns a copy with the values of its getters. */
function entriesOf(original: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.keys(original).map((name) => [name, readOf(original, name)]));
}

/** Reads a property. Errors of other libraries may have getters that throw. */
function readOf(original: object, name: string): unknown {
  try {
    return (original as Readonly<Record<string, unknown>>)[name];
  } catch {
    return "[not readable]";
  }
}

/** Returns a copy without a prototype. */
function bare(original: object | null): object {
  return Object.assign(Object.create(null) as object, original);
}

/** Returns a global pattern, because `replace` with any other pattern replaces only the first match. */
function everyMatch(pattern: RegExp): RegExp {
  return pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`);
}
