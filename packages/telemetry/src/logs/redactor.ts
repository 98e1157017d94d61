import {
  isPlainObject,
  isSecretName,
  type Logger,
  MASK,
  maskUrlSecrets,
  type RedactionConfig,
  SnakepitError,
} from "@snakepit/core";

/** Removes secrets from log records. */
export interface Redactor {
  /** Returns a string in which everything that looks like a secret is masked. */
  text(original: string): string;
  /** Returns a logger that writes redacted records to `target`. */
  logger(target: Logger): Logger;
}

// A name and its value in common notations: `password=…`, `"api_key": "…"`, `Authorization: Bearer …`. A name begins
// at a word boundary and has a maximum length, so that the time is linear in the length of the string.
const ASSIGNMENT =
  /(?<![\w.-])([\w.-]{1,64})(["']?\s{0,8}[:=]\s{0,8}(?:(?:Bearer|Basic|Token)\s{1,8})?)("[^"]*"|'[^']*'|[^\s,;&)}\]"']+)/gi;

const SECRET_PATTERNS = [
  /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,32}PRIVATE KEY-----|$)/g,
  /(?<=\bBearer\s{1,8})[\w.~+/=-]{8,}/gi,
  /\beyJ[\w-]{8,1024}\.[\w-]+\.[\w-]*/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{20,}/g,
  /\bgh[a-z]_[A-Za-z0-9]{30,}/g,
];

/** The nesting depth to which the objects of a record are redacted. */
const MAX_DEPTH = 4;

/** Creates a redactor from the built-in names and patterns of secrets and the configured ones. */
export function createRedactor(options: RedactionConfig = {}): Redactor {
  const keys = new Set((options.keys ?? []).map((key) => key.toLowerCase()));
  const patterns = [...SECRET_PATTERNS, ...(options.patterns ?? []).map(everyMatch)];
  const isSecret = (name: string) => keys.has(name.toLowerCase()) || isSecretName(name);

  const text = (original: string): string => {
    let redacted = maskUrlSecrets(original).replace(ASSIGNMENT, (whole: string, name: string, between: string) =>
      isSecret(name) ? `${name}${between}${MASK}` : whole,
    );
    for (const pattern of patterns) redacted = redacted.replace(pattern, MASK);
    return redacted;
  };

  const value = (original: unknown, depth: number): unknown => {
    if (typeof original === "string") return text(original);
    if (original instanceof SnakepitError) return fields(original.toJSON(), depth);
    if (Array.isArray(original) && depth > 0) return original.map((each) => value(each, depth - 1));
    return isPlainObject(original) && depth > 0 ? fields(original, depth - 1) : original;
  };

  const fields = (original: object, depth: number): object => {
    const entries = Object.entries(original).map(([name, held]: [string, unknown]) => {
      return [name, isSecret(name) ? MASK : value(held, depth)];
    });
    return Object.fromEntries(entries);
  };

  const facts = (original: object): object => fields(original, MAX_DEPTH);

  return {
    text,
    logger(target) {
      return {
        debug: (about, message) => target.debug(facts(about), text(message)),
        info: (about, message) => target.info(facts(about), text(message)),
        warn: (about, message) => target.warn(facts(about), text(message)),
        error: (about, message) => target.error(facts(about), text(message)),
      };
    },
  };
}

/** Returns a global pattern, because `replace` with any other pattern replaces only the first match. */
function everyMatch(pattern: RegExp): RegExp {
  return pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`);
}
