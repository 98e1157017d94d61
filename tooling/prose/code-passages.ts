import { parseSync, Visitor } from "oxc-parser";
import { lineFinder, type Passage, runningText, splitName } from "./passage.ts";

interface Found {
  readonly start: number;
  readonly text: string;
}

/** The comments, strings and identifiers of a TypeScript or JavaScript file. */
export function typescriptPassages(file: string, source: string): readonly Passage[] {
  const { program, comments, errors } = parseSync(file, source);
  if (errors[0] !== undefined) throw new Error(`${file} cannot be parsed: ${errors[0].message}`);
  const found: Found[] = joinLineComments(source, comments);
  const name = (node: { readonly name: string; readonly start: number }) => {
    found.push({ start: node.start, text: splitName(node.name) });
  };
  const string = (start: number, value: string) => found.push({ start, text: runningText(value) });
  new Visitor({
    Identifier: name,
    PrivateIdentifier: name,
    Literal: (node) => {
      if (typeof node.value === "string") string(node.start, node.value);
    },
    TemplateLiteral: (node) => {
      // A value that is filled in stands between words, as a number would.
      string(node.start, node.quasis.map(({ value }) => value.cooked ?? value.raw).join(" 0 "));
    },
  }).visit(program);
  const lineAt = lineFinder(source);
  return found.sort((a, b) => a.start - b.start).map(({ start, text }) => ({ text, line: lineAt(start) }));
}

/** Comments; those that continue on the next line are one. */
function joinLineComments(
  source: string,
  comments: readonly { readonly start: number; readonly end: number; readonly type: string }[],
): Found[] {
  const found: { start: number; end: number; isLine: boolean }[] = [];
  for (const { start, end, type } of comments) {
    const last = found.at(-1);
    const isLine = type === "Line";
    if (isLine && last?.isLine && /^\r?\n[ \t]*$/.test(source.slice(last.end, start))) last.end = end;
    else found.push({ start, end, isLine });
  }
  return found.map(({ start, end }) => ({ start, text: runningText(source.slice(start, end)) }));
}

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
