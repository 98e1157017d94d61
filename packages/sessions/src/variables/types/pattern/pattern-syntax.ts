/** Characters: from, to, from, to, both ends included; or all others. */
export interface CharacterSet {
  readonly ranges: readonly number[];
  readonly negated: boolean;
}

/** What a pattern is made of. */
export type PatternNode =
  | { readonly is: "character"; readonly set: CharacterSet }
  /** The text begins here. */
  | { readonly is: "start" }
  /** The text ends here. */
  | { readonly is: "end" }
  | { readonly is: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly is: "alternatives"; readonly options: readonly PatternNode[] }
  | { readonly is: "repeat"; readonly part: PatternNode; readonly min: number; readonly max: number };

const LAST_CHARACTER = 0x10ffff;

export const DIGITS = [0x30, 0x39];
export const WORD_CHARACTERS = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
export const WHITE_SPACE = [0x09, 0x0d, 0x20, 0x20];

/** All characters but a line feed. */
export const ANY_CHARACTER: CharacterSet = { ranges: [0x0a, 0x0a], negated: true };

export function hasCharacter({ ranges, negated }: CharacterSet, character: number): boolean {
  for (let at = 0; at < ranges.length; at += 2) {
    if (character >= (ranges[at] as number) && character <= (ranges[at + 1] as number)) return !negated;
  }
  return negated;
}

/** The ranges between ranges that are in order. */
export function complement(ranges: readonly number[]): readonly number[] {
  const others: number[] = [];
  let from = 0;
  for (let at = 0; at < ranges.length; at += 2) {
    others.push(from, (ranges[at] as number) - 1);
    from = (ranges[at + 1] as number) + 1;
  }
  others.push(from, LAST_CHARACTER);
  return others;
}

/**
 * How many steps a pattern becomes. Known before any are made, so that a small pattern of great repeats costs nothing.
 */
export function sizeOf(node: PatternNode): number {
  switch (node.is) {
    case "character":
    case "start":
    case "end":
      return 1;
    case "sequence":
      return node.parts.reduce((size, part) => size + sizeOf(part), 1);
    case "alternatives":
      return node.options.reduce((size, option) => size + sizeOf(option) + 1, 0);
    case "repeat": {
      const size = sizeOf(node.part);
      return size * node.min + (size + 1) * (node.max === Number.POSITIVE_INFINITY ? 1 : node.max - node.min);
    }
  }
}
