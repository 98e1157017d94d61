const STAR = 0x2a;
const QUESTION_MARK = 0x3f;

/**
 * Returns the test for a pattern in which `*` stands for any string and `?` for one character (code point); every
 * other character stands for itself. Not with a regular expression, in which an untrusted pattern could take without
 * limit: this takes at most as many steps as the product of both lengths.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  if (pattern === "*") return () => true;
  if (!pattern.includes("*") && !pattern.includes("?")) return (name) => name === pattern;
  const codes = Array.from(pattern, (character) => character.codePointAt(0) ?? 0);
  return (name) => matches(name, codes);
}

/** Lets a star stand for nothing first, and for one character more each time that the rest does not fit. */
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

/** Code units of a character. */
function width(codePoint: number): number {
  return codePoint > 0xffff ? 2 : 1;
}
