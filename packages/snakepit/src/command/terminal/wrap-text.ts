import { stripVTControlCharacters } from "node:util";

/** Strings of which each character has one column. */
const NARROW = /^[\u0020-\u007e]*$/;
/** Characters of two columns (https://www.unicode.org/reports/tr11/): those of East Asia, and emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
/** Characters that are drawn over the one before, and invisible ones. */
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Returns the number of columns of a string in one line, without escape sequences. */
export function widthOf(text: string): number {
  const visible = stripVTControlCharacters(text);
  if (NARROW.test(visible)) return visible.length;
  return [...visible].reduce((width, character) => width + widthOfCharacter(character), 0);
}

function widthOfCharacter(character: string): number {
  if (WITHOUT_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Returns the beginning of a string without escape sequences: as much as fits into this number of columns. */
export function cutToWidth(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let width = 0;
  let cut = "";
  for (const character of text) {
    width += widthOfCharacter(character);
    if (width > columns) break;
    cut += character;
  }
  return cut;
}

/**
 * Breaks a string into lines of at most `width` columns, between words. Longer words have a separate line. The line
 * feeds of the string are kept.
 */
export function wrapText(text: string, width: number): readonly string[] {
  return text.split("\n").flatMap((paragraph) => wrapParagraph(paragraph, width));
}

function wrapParagraph(paragraph: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of paragraph.split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** A row of a list: a term and its description. */
export type ListRow = readonly [term: string, description: string];

/** The narrowest description next to its term; in narrower terminals it is below. */
const MIN_DESCRIPTION = 30;

/**
 * Formats rows in two columns with an indentation of two, for example options and their descriptions. Descriptions are
 * wrapped; in a narrow terminal they are below their terms.
 */
export function formatList(rows: readonly ListRow[], columns: number): string {
  const widest = Math.max(...rows.map(([term]) => widthOf(term)));
  const indent = widest + 4;
  const isNarrow = columns - indent < MIN_DESCRIPTION;
  const lines = rows.flatMap(([term, description]) => {
    if (isNarrow) return [`  ${term}`, ...wrapText(description, columns - 8).map((line) => `        ${line}`)];
    const [first = "", ...others] = wrapText(description, columns - indent);
    const padding = " ".repeat(widest - widthOf(term));
    return [`  ${term}${padding}  ${first}`, ...others.map((line) => " ".repeat(indent) + line)];
  });
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}
