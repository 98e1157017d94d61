import { invalidVariable } from "./invalid-variable.ts";
import { counted, kindOf, listed, quoted } from "./shown-value.ts";
import { MAX_MATCHED_CHARACTERS, StringPattern } from "./string-pattern.ts";
import type { VariableConstraints } from "./variable-definition.ts";

const NAME = "[A-Za-z_][A-Za-z0-9_]*";
const MODULE_PATH = new RegExp(`^${NAME}(?:\\.${NAME})*(?::${NAME}(?:\\.${NAME})*)?$`);

export function checkString(name: string, value: unknown, constraints: VariableConstraints): string {
  if (typeof value !== "string") throw invalidVariable(name, "type", ` must be a string; got ${kindOf(value)}`);
  if (!value.isWellFormed()) {
    throw invalidVariable(
      name,
      "type",
      " must be a well-formed string; got one with a lone surrogate; replace it first",
    );
  }
  checkCharacters(name, value, constraints);
  return value;
}

/** Returns the path of a module or of an object in it, which need not exist. */
export function checkModule(name: string, value: unknown, constraints: VariableConstraints): string {
  if (typeof value === "string" && MODULE_PATH.test(value)) {
    checkCharacters(name, value, constraints);
    return value;
  }
  const shown = typeof value === "string" ? quoted(value) : kindOf(value);
  const reason = typeof value === "string" ? "module" : "type";
  throw invalidVariable(name, reason, ` must be a path such as pkg.mod or pkg.mod:Class; got ${shown}`);
}

export function checkChoice(name: string, value: unknown, { choices = [] }: VariableConstraints): string {
  if (typeof value === "string" && choices.includes(value)) return value;
  const shown = typeof value === "string" ? quoted(value) : kindOf(value);
  const reason = typeof value === "string" ? "choice" : "type";
  throw invalidVariable(name, reason, ` must be one of ${listed(choices.map(quoted))}; got ${shown}`);
}

function checkCharacters(name: string, text: string, { minLength = 0, maxLength, pattern }: VariableConstraints): void {
  // A character has one or two code units, so the length alone is usually sufficient.
  const mayBeTooShort = text.length < 2 * minLength;
  const mayBeTooLong = maxLength !== undefined && text.length > maxLength;
  if (mayBeTooShort || mayBeTooLong) {
    const characters = countCharacters(text);
    if (characters < minLength) throw wrongLength(name, "at least", minLength, characters);
    if (maxLength !== undefined && characters > maxLength) throw wrongLength(name, "at most", maxLength, characters);
  }
  if (pattern !== undefined) checkPattern(name, text, pattern);
}

function checkPattern(name: string, text: string, pattern: string): void {
  if (text.length > MAX_MATCHED_CHARACTERS) {
    const characters = countCharacters(text);
    if (characters > MAX_MATCHED_CHARACTERS) {
      const most = counted(MAX_MATCHED_CHARACTERS, "character");
      throw invalidVariable(name, "length", ` must have at most ${most}, because it has a pattern; got ${characters}`);
    }
  }
  if (StringPattern.of(pattern).occursIn(text)) return;
  throw invalidVariable(
    name,
    "pattern",
    ` must match the pattern ${quoted(pattern)}; got a string that does not match`,
  );
}

function countCharacters(text: string): number {
  let characters = 0;
  for (const _ of text) characters += 1;
  return characters;
}

function wrongLength(name: string, bound: string, length: number, characters: number): Error {
  return invalidVariable(name, "length", ` must have ${bound} ${counted(length, "character")}; got ${characters}`);
}
