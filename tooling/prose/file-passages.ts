import { extname } from "node:path";
import { parse } from "@textlint/markdown-to-ast";
import { pythonPassages, typescriptPassages } from "./code-passages.ts";
import { type Passage, runningText, splitName } from "./passage.ts";

const TYPESCRIPT = new Set(["ts", "tsx", "mts", "cts", "js", "mjs", "cjs", "typescript", "javascript"]);
const PYTHON = new Set(["py", "pyi", "python"]);

/** The passages of a file that is not Markdown, and of the code in one that is. The path itself is the first one. */
export function filePassages(path: string, source: string): readonly Passage[] {
  const kind = extname(path).slice(1);
  const passages = kind === "md" ? codeInMarkdown(source) : passagesOf(kind, path, source);
  return [{ text: splitName(path), line: 1 }, ...passages];
}

function passagesOf(kind: string, path: string, source: string): readonly Passage[] {
  if (TYPESCRIPT.has(kind)) return typescriptPassages(path, source);
  if (PYTHON.has(kind)) return pythonPassages(source);
  return plainPassages(source);
}

interface MarkdownNode {
  readonly type: string;
  readonly lang?: string | null;
  readonly value?: string;
  readonly loc: { readonly start: { readonly line: number } };
  readonly children?: readonly MarkdownNode[];
}

/** The content of backticks and code blocks; textlint's Markdown reader checks the prose around it. */
function codeInMarkdown(source: string): readonly Passage[] {
  const found: Passage[] = [];
  const visit = ({ type, lang, value = "", loc, children = [] }: MarkdownNode): void => {
    const { line } = loc.start;
    if (type === "Code") found.push({ text: splitName(value), line });
    // A block begins one line below its fence. A sample may be a fragment that does not parse: Python's reader takes
    // any.
    if (type === "CodeBlock") {
      const inside =
        TYPESCRIPT.has(lang ?? "") || PYTHON.has(lang ?? "") ? pythonPassages(value) : plainPassages(value);
      found.push(...inside.map((each) => ({ text: each.text, line: line + each.line })));
    }
    children.forEach(visit);
  };
  visit(parse(source) as MarkdownNode);
  return found;
}

/**
 * The lines of a file of another kind (.proto, .sql, .toml, .yaml, .sh): a comment as running text, everything else as
 * names. Comments on following lines are one.
 */
function plainPassages(source: string): readonly Passage[] {
  const passages: Passage[] = [];
  let comment: { text: string; line: number } | undefined;
  for (const [index, line] of source.split("\n").entries()) {
    const mark = /(?:^|\s)(?:\/\/|#|--)(?=\s)/.exec(line);
    const text = mark === null ? "" : runningText(line.slice(mark.index + mark[0].length));
    const code = mark === null ? line : line.slice(0, mark.index);
    const isWholeLine = code.trim() === "";
    if (!(text !== "" && isWholeLine && comment !== undefined)) comment = undefined;
    if (!isWholeLine) passages.push({ text: splitName(code), line: index + 1 });
    if (text === "") continue;
    if (comment !== undefined) comment.text += ` ${text}`;
    else {
      comment = { text, line: index + 1 };
      passages.push(comment);
    }
  }
  return passages;
}
