import {
  ANY_CHARACTER,
  type CharacterSet,
  complement,
  DIGITS,
  type PatternNode,
  WHITE_SPACE,
  WORD_CHARACTERS,
} from "./pattern-syntax.ts";

// What is accepted here, and every message, is the same in Python: `_session/variable_types/pattern_parser.py`.

/** Groups inside groups. */
const MAX_DEPTH = 20;
/** How often something may be repeated by number. */
const MAX_REPEATS = 500;

const CLASSES: Readonly<Record<string, readonly number[]>> = {
  d: DIGITS,
  D: complement(DIGITS),
  w: WORD_CHARACTERS,
  W: complement(WORD_CHARACTERS),
  s: WHITE_SPACE,
  S: complement(WHITE_SPACE),
};

const CONTROLS: Readonly<Record<string, number>> = { t: 0x09, n: 0x0a, v: 0x0b, f: 0x0c, r: 0x0d };

/** What has a meaning of its own, and stands for itself after a backslash. */
const SPECIAL = new Set("\\^$.|?*+()[]{}/");

const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4 };

/** A pattern is not one. The message says what is wrong and what to write instead. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/**
 * Reads a pattern of the dialect that {@link TextPattern} describes.
 *
 * @throws PatternError
 */
export function parsePattern(source: string): PatternNode {
  return new PatternParser(Array.from(source)).parse();
}

class PatternParser {
  readonly #characters: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(characters: readonly string[]) {
    this.#characters = characters;
  }

  parse(): PatternNode {
    const pattern = this.#alternatives();
    if (this.#next() === ")") throw this.#error("no group is open; write \\) for )");
    return pattern;
  }

  #next(): string | undefined {
    return this.#characters[this.#at];
  }

  #takes(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#at += 1;
    return true;
  }

  /** @param at where; by default what comes next. */
  #error(problem: string, at = this.#at): PatternError {
    return new PatternError(`at character ${at + 1}: ${problem}`);
  }

  #alternatives(): PatternNode {
    const options = [this.#sequence()];
    while (this.#takes("|")) options.push(this.#sequence());
    return options.length === 1 ? (options[0] as PatternNode) : { is: "alternatives", options };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    for (let next = this.#next(); next !== undefined && next !== "|" && next !== ")"; next = this.#next()) {
      parts.push(this.#repeated());
    }
    return { is: "sequence", parts };
  }

  #repeated(): PatternNode {
    const part = this.#part();
    const at = this.#at;
    const repeats = this.#repeats();
    if (repeats === undefined) return part;
    if (part.is === "start" || part.is === "end") {
      throw this.#error(`${part.is === "start" ? "^" : "$"} cannot be repeated`, at);
    }
    const again = this.#at;
    if (this.#repeats() !== undefined) {
      throw this.#error("two repeats follow one another; put the first into a group", again);
    }
    return { is: "repeat", part, ...repeats };
  }

  #repeats(): { readonly min: number; readonly max: number } | undefined {
    if (this.#takes("*")) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#takes("+")) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#takes("?")) return { min: 0, max: 1 };
    const at = this.#at;
    if (!this.#takes("{")) return undefined;
    const min = this.#count();
    const max = this.#takes(",") ? (this.#count() ?? Number.POSITIVE_INFINITY) : min;
    if (min === undefined || max === undefined || !this.#takes("}")) {
      throw this.#error("{ begins no repeat such as {2}, {2,} or {2,5}; write \\{ for {", at);
    }
    const most = max === Number.POSITIVE_INFINITY ? min : max;
    if (min > most) throw this.#error(`the repeat goes from ${min} down to ${max}`, at);
    if (most > MAX_REPEATS) throw this.#error(`a repeat is at most ${MAX_REPEATS} times`, at);
    return { min, max };
  }

  /** A number of at most six digits, which is more than any that is accepted. */
  #count(): number | undefined {
    let digits = "";
    for (let next = this.#next(); next !== undefined && next >= "0" && next <= "9"; next = this.#next()) {
      if (digits.length < 6) digits += next;
      this.#at += 1;
    }
    return digits === "" ? undefined : Number(digits);
  }

  #part(): PatternNode {
    const at = this.#at;
    const character = this.#characters[at] as string;
    this.#at += 1;
    switch (character) {
      case "^":
        return { is: "start" };
      case "$":
        return { is: "end" };
      case ".":
        return { is: "character", set: ANY_CHARACTER };
      case "(":
        return this.#group(at);
      case "[":
        return { is: "character", set: this.#characterClass(at) };
      case "\\":
        return { is: "character", set: { ranges: this.#escape(at, false), negated: false } };
      case "*":
      case "+":
      case "?":
        throw this.#error(`nothing stands before ${character} that it could repeat; write \\${character} for it`, at);
      case "{":
      case "}":
      case "]":
        throw this.#error(`write \\${character} for ${character}`, at);
      default:
        return { is: "character", set: { ranges: oneCharacter(character), negated: false } };
    }
  }

  #group(at: number): PatternNode {
    if (this.#takes("?") && !this.#takes(":")) {
      throw this.#error("of the groups that begin with (? only (?: is supported", at);
    }
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#error(`groups lie deeper in one another than ${MAX_DEPTH}`, at);
    const inner = this.#alternatives();
    if (!this.#takes(")")) throw this.#error("the group is not closed; write \\( for (", at);
    this.#depth -= 1;
    return inner;
  }

  #characterClass(at: number): CharacterSet {
    const negated = this.#takes("^");
    const ranges: number[] = [];
    if (this.#next() === "]") throw this.#error("nothing stands between the brackets; write \\] for ]", at);
    while (!this.#takes("]")) {
      if (this.#next() === undefined) throw this.#error("the bracket is not closed; write \\[ for [", at);
      ranges.push(...this.#classRange(at));
    }
    return { ranges, negated };
  }

  /** One character of a class, one of the classes with a letter, or a range. */
  #classRange(opening: number): readonly number[] {
    const at = this.#at;
    const first = this.#classMember(opening);
    const rangeAt = this.#at;
    const afterwards = this.#characters[rangeAt + 1];
    if (this.#next() !== "-" || afterwards === "]" || afterwards === undefined) return first;
    this.#at += 1;
    const last = this.#classMember(opening);
    if (first.length !== 2 || first[0] !== first[1] || last.length !== 2 || last[0] !== last[1]) {
      throw this.#error("a range goes from one character to another; write \\- for -", rangeAt);
    }
    const range = [first[0] as number, last[0] as number];
    if ((range[0] as number) > (range[1] as number)) throw this.#error("the range goes backwards", at);
    return range;
  }

  #classMember(opening: number): readonly number[] {
    const at = this.#at;
    const character = this.#characters[at] as string;
    this.#at += 1;
    if (character === "\\") return this.#escape(at, true);
    if (character === "[") throw this.#error("write \\[ for [", at);
    if (character === "-") {
      const isFirst = at === opening + 1 || (at === opening + 2 && this.#characters[opening + 1] === "^");
      if (!isFirst && this.#next() !== "]") throw this.#error("write \\- for -", at);
    }
    return oneCharacter(character);
  }

  /** What follows a backslash. */
  #escape(at: number, inClass: boolean): readonly number[] {
    const letter = this.#next();
    if (letter === undefined) throw this.#error("nothing follows the backslash", at);
    this.#at += 1;
    if (SPECIAL.has(letter) || (inClass && letter === "-")) return oneCharacter(letter);
    const characters = ownEntry(CLASSES, letter);
    if (characters !== undefined) return characters;
    const control = ownEntry(CONTROLS, letter);
    if (control !== undefined) return [control, control];
    const digits = ownEntry(HEX_DIGITS, letter);
    if (digits !== undefined) return this.#numberedCharacter(letter, digits, at);
    if (letter === "b" || letter === "B") throw this.#error("boundaries of words are not supported", at);
    if (letter >= "1" && letter <= "9") throw this.#error("references to groups are not supported", at);
    throw this.#error(`\\${letter} has no meaning`, at);
  }

  #numberedCharacter(letter: string, digits: number, at: number): readonly number[] {
    const hex = this.#characters.slice(this.#at, this.#at + digits).join("");
    if (hex.length !== digits || !/^[0-9A-Fa-f]+$/.test(hex)) {
      throw this.#error(`\\${letter} takes ${digits} hexadecimal digits`, at);
    }
    this.#at += digits;
    const character = Number.parseInt(hex, 16);
    if (character >= 0xd800 && character <= 0xdfff) {
      throw this.#error("half of a surrogate pair is no character; write the character itself", at);
    }
    return [character, character];
  }
}

function oneCharacter(character: string): readonly number[] {
  const code = character.codePointAt(0) as number;
  return [code, code];
}

function ownEntry<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}
