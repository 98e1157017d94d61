import type { RE2JS } from "re2js";
import { loadRe2 } from "#re2";

/** The maximum number of characters of a pattern. */
const MAX_SOURCE_CHARACTERS = 1_000;
/** The maximum number of steps of a pattern with expanded repetitions. Bounds the time to compile and to match. */
const MAX_STEPS = 500;
/** The limit of counting nested repetitions, which keeps the count exact. */
const MANY_STEPS = 1_000_000;

/** The maximum number of characters of a string that is matched against a pattern. */
export const MAX_MATCHED_CHARACTERS = 5_000;

/** A cache of recent patterns. Definitions are read often; each compiled pattern may use up to 8 MB. */
const recent = new Map<string, StringPattern>();
const MAX_RECENT = 20;

/** One item of a pattern, its opening or closing parenthesis, or a counted repetition. */
const TOKEN =
  /\\[pPx]\{[^}]*\}|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|\{(?<min>\d+)(?:,(?<max>\d*))?\}|(?<paren>[()])|./gsu;

/** A pattern is invalid or too large. The message is the reason. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/**
 * A regular expression in RE2 syntax (https://github.com/google/re2/wiki/Syntax) without `\Q…\E`. A string matches when
 * the pattern occurs anywhere in it; `^` and `$` anchor it to the ends of the string.
 *
 * RE2 matches in time proportional to the length of the string times that of the pattern, so an untrusted pattern
 * cannot block the event loop. Both lengths are limited: see docs/decisions/0027-patterns-in-re2-syntax.md.
 */
export class StringPattern {
  readonly #expression: RE2JS;

  private constructor(expression: RE2JS) {
    this.#expression = expression;
  }

  /** @throws PatternError when the pattern is invalid or too large. */
  static of(source: string): StringPattern {
    const known = recent.get(source);
    if (known !== undefined) return known;
    const pattern = new StringPattern(compile(source));
    if (recent.size >= MAX_RECENT) for (const oldest of recent.keys()) if (recent.delete(oldest)) break;
    recent.set(source, pattern);
    return pattern;
  }

  /** Returns whether the pattern occurs in a string. */
  occursIn(value: string): boolean {
    return this.#expression.test(value);
  }
}

/** Returns an upper bound of the steps that a pattern compiles to, without compiling it. */
export function countSteps(source: string): number {
  /** The sizes of the enclosing groups up to the current item. */
  const open: number[] = [];
  let total = 0;
  let last = 0;
  for (const { 0: token, groups = {} } of source.matchAll(TOKEN)) {
    if (groups["paren"] === "(") {
      open.push(total);
      total = 0;
      last = 0;
    } else if (groups["paren"] === ")") {
      // The start and the end of the group, and one step that matches the empty string.
      last = total + 3;
      total = (open.pop() ?? 0) + last;
    } else if (groups["min"] !== undefined) {
      const repetitions = Math.max(Number(groups["min"]), Number(groups["max"] ?? 0), 1);
      const repeated = Math.min((last + 1) * repetitions, MANY_STEPS);
      total += repeated - last;
      last = repeated;
    } else {
      total += token === "|" ? 2 : 1;
      // A repetition repeats the item before it together with a preceding *, + or ?.
      last = "*+?".includes(token) ? last + 1 : 1;
    }
  }
  return open.reduce((sum, size) => sum + size, total);
}

function compile(source: string): RE2JS {
  if (source.length > MAX_SOURCE_CHARACTERS && Array.from(source).length > MAX_SOURCE_CHARACTERS) {
    throw new PatternError(`it has more than ${MAX_SOURCE_CHARACTERS} characters`);
  }
  if (source.matchAll(TOKEN).some(([token]) => token === "\\Q")) {
    throw new PatternError("\\Q is not supported; escape each character");
  }
  if (countSteps(source) > MAX_STEPS) {
    throw new PatternError(`it has more than ${MAX_STEPS} steps with its repetitions written out`);
  }
  const { RE2JS, RE2JSException } = loadRe2();
  try {
    return RE2JS.compile(source);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new PatternError(error.message.replace(/^error parsing regexp: /, ""));
  }
}
