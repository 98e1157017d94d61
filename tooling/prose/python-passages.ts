import { lineFinder, type Passage, runningText, splitName } from "./passage.ts";

/** Comments (consecutive comment lines together), strings with their prefix, and names, in this order of preference. */
const TOKEN =
  /(?<comment>#[^\n]*(?:\n[ \t]*#[^\n]*)*)|(?<string>[A-Za-z]{0,2}(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))|(?<name>[A-Za-z_]\w*)/g;

/** The comments, strings (docstrings included) and identifiers of a Python file. */
export function pythonPassages(source: string): readonly Passage[] {
  const lineAt = lineFinder(source);
  return Array.from(source.matchAll(TOKEN), ({ index, groups }) => {
    const { comment, string, name = "" } = groups ?? {};
    const line = lineAt(index);
    if (comment !== undefined) return { text: runningText(comment), line };
    if (string !== undefined) return { text: runningText(withoutQuotes(string)), line };
    return { text: splitName(name), line };
  });
}

function withoutQuotes(string: string): string {
  return string.replace(/^[A-Za-z]*("""|'''|"|')/, "").replace(/("""|'''|"|')$/, "");
}
