import { stripVTControlCharacters } from "node:util";

/** Returns the number of columns of a string in one line, without escape sequences. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
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
