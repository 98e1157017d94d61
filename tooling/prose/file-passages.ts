import { extname } from "node:path";
import { parse } from "@textlint/markdown-to-ast";
import type { Passage } from "./passage.ts";
import { splitName } from "./passage.ts";
import { plainPassages } from "./plain-passages.ts";
import { pythonPassages } from "./python-passages.ts";
import { typescriptPassages } from "./typescript-passages.ts";

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
    // A block begins one line below its fence. A sample may be a fragment that does not parse: Python's reader takes any.
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
