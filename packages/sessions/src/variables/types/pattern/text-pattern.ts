import { compilePattern, type PatternStep } from "./compile-pattern.ts";
import { PatternError, parsePattern } from "./parse-pattern.ts";
import { hasCharacter, sizeOf } from "./pattern-syntax.ts";

/** Characters of a pattern. */
const MAX_SOURCE_CHARACTERS = 1_000;
/** Steps of a pattern, repeats written out. */
const MAX_STEPS = 500;

/** Characters of a text that a pattern is tried on. */
export const MAX_MATCHED_CHARACTERS = 5_000;

/** Patterns are read from definitions again and again; these were read last. */
const recent = new Map<string, TextPattern>();
const MAX_RECENT = 200;

/**
 * A pattern that means the same in TypeScript and in Python, because both sides read and match it with the same few
 * rules and not with the regular expressions of their language. It is written like those, in what they have in common:
 *
 * | | |
 * |---|---|
 * | `abc` | itself |
 * | `.` | any character but a line feed |
 * | `[a-z_]`, `[^a-z]` | one of these characters, none of these |
 * | `\d` `\w` `\s`, `\D` `\W` `\S` | a digit, a letter, digit or underscore, white space, all of ASCII; anything else |
 * | `\t` `\n` `\r` `\f` `\v` `\x41` `\u00e9` | this character |
 * | `\.` and so on | the character itself, of `\ ^ $ . \| ? * + ( ) [ ] { } /`, and of `-` in brackets |
 * | `^`, `$` | where the text begins, where it ends |
 * | `a\|b`, `(ab)`, `(?:ab)` | one or the other, a group |
 * | `a?` `a*` `a+` `a{2}` `a{2,}` `a{2,5}` | repeated |
 *
 * A text matches when the pattern is found anywhere in it: `^` and `$` tie it to the ends. Characters are code points.
 *
 * Matching follows all possibilities at once, so its time is bounded by the length of the text times that of the pattern
 * (https://swtch.com/~rsc/regexp/regexp1.html): no pattern and no text makes it run away. To bound the product, a pattern
 * has at most 1,000 characters and 500 steps with its repeats written out, and a text at most 5,000 characters.
 */
export class TextPattern {
  readonly #steps: readonly PatternStep[];

  private constructor(steps: readonly PatternStep[]) {
    this.#steps = steps;
  }

  /** @throws PatternError when it is no pattern of this dialect. */
  static of(source: string): TextPattern {
    const known = recent.get(source);
    if (known !== undefined) return known;
    const pattern = new TextPattern(read(source));
    if (recent.size >= MAX_RECENT) for (const oldest of recent.keys()) if (recent.delete(oldest)) break;
    recent.set(source, pattern);
    return pattern;
  }

  /** Whether the pattern is found in these characters. */
  isFoundIn(characters: readonly number[]): boolean {
    const threads = new ThreadList(this.#steps, characters.length);
    let waiting: number[] = [];
    for (let position = 0; ; position++) {
      threads.begin(position);
      for (const step of waiting) threads.goOnAt(step + 1);
      threads.goOnAt(0);
      if (threads.matched) return true;
      const character = characters[position];
      if (character === undefined) return false;
      waiting = threads.waiting.filter((step) => this.#accepts(step, character));
    }
  }

  #accepts(index: number, character: number): boolean {
    const step = this.#steps[index] as PatternStep;
    return step.is === "character" && hasCharacter(step.set, character);
  }
}

/** The steps that wait for the next character of a text, each once, however many ways lead there. */
class ThreadList {
  waiting: number[] = [];
  matched = false;
  readonly #steps: readonly PatternStep[];
  readonly #end: number;
  /** For each step, the position at which it was reached last, and 1. */
  readonly #reachedAt: Uint32Array;
  readonly #pending: number[] = [];
  #position = 0;

  constructor(steps: readonly PatternStep[], end: number) {
    this.#steps = steps;
    this.#end = end;
    this.#reachedAt = new Uint32Array(steps.length);
  }

  begin(position: number): void {
    this.#position = position;
    this.waiting = [];
  }

  /** Follows the steps from here to those that wait for a character. */
  goOnAt(first: number): void {
    this.#pending.push(first);
    for (let index = this.#pending.pop(); index !== undefined; index = this.#pending.pop()) {
      if (this.#reachedAt[index] === this.#position + 1) continue;
      this.#reachedAt[index] = this.#position + 1;
      this.#follow(index);
    }
  }

  #follow(index: number): void {
    const step = this.#steps[index] as PatternStep;
    switch (step.is) {
      case "character":
        this.waiting.push(index);
        break;
      case "start":
        if (this.#position === 0) this.#pending.push(index + 1);
        break;
      case "end":
        if (this.#position === this.#end) this.#pending.push(index + 1);
        break;
      case "fork":
        this.#pending.push(step.orTo, step.to);
        break;
      case "jump":
        this.#pending.push(step.to);
        break;
      case "match":
        this.matched = true;
        break;
      default:
        step satisfies never;
    }
  }
}

function read(source: string): readonly PatternStep[] {
  const characters = Array.from(source.slice(0, 2 * MAX_SOURCE_CHARACTERS + 1)).length;
  if (characters > MAX_SOURCE_CHARACTERS) {
    throw new PatternError(`it has more than ${MAX_SOURCE_CHARACTERS} characters; shorten it`);
  }
  const pattern = parsePattern(source);
  if (sizeOf(pattern) > MAX_STEPS) {
    throw new PatternError(
      `with its repeats written out it has more than ${MAX_STEPS} steps; repeat less, or less of it`,
    );
  }
  return compilePattern(pattern);
}
