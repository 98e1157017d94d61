const STAR = 0x2a;
const QUESTION_MARK = 0x3f;

/**
 * Returns a predicate for a pattern in which `*` matches any string and `?` one character (code point); every
 * other character matches itself. Does not use a regular expression, which could backtrack without limit for an untrusted
 * pattern: the number of steps is at most the product of both lengths.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  if (pattern === "*") return () => true;
  if (!pattern.includes("*") && !pattern.includes("?")) return (name) => name === pattern;
  const codes = Array.from(pattern, (character) => character.codePointAt(0) ?? 0);
  return (name) => matches(name, codes);
}

/** Matches a star with the empty string first, and with one more character each time the rest does not match. */
function matches(name: string, codes: readonly number[]): boolean {
  let [at, position] = [0, 0];
  let [afterStar, resumeAt] = [-1, 0];
  while (at < name.length) {
    const codePoint = name.codePointAt(at) ?? 0;
    const expected = codes[position];
    if (expected === STAR) {
      position += 1;
      [afterStar, resumeAt] = [position, at];
    } else if (expected === QUESTION_MARK || expected === codePoint) {
      position += 1;
      at += width(codePoint);
    } else if (afterStar >= 0) {
      resumeAt += width(name.codePointAt(resumeAt) ?? 0);
      [position, at] = [afterStar, resumeAt];
    } else {
      return false;
    }
  }
  while (codes[position] === STAR) position += 1;
  return position === codes.length;
}

/** Returns the number of code units of a character. */
function width(codePoint: number): number {
  return codePoint > 0xffff ? 2 : 1;
}
