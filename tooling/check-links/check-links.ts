import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type DocumentLink, type MarkdownDocument, readMarkdown } from "./markdown-document.ts";

/** A link whose target does not exist. */
export interface BrokenLink {
  /** Path of the document from the root of the repository. */
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Paths that are not in a clone. */
const NOT_CLONED =
  /^apps\/site\/reference(\/|$)|(^|\/)(node_modules|dist|\.git|\.turbo|\.tools|\.venvs?|\.\w+_cache)(\/|$)/;

/** Returns the links within a repository whose file, folder or heading does not exist. */
export function checkLinks(root: string): readonly BrokenLink[] {
  const files = globSync(["*.md", "{.changeset,.github,apps,batteries,benchmarks,docs,packages,tooling}/**/*.md"], {
    cwd: root,
    exclude: (path) => NOT_CLONED.test(path),
  });
  const documents = new Map(files.map((file) => [file, readMarkdown(readFileSync(join(root, file), "utf8"))]));
  return files.sort().flatMap((file) => {
    const { links } = documents.get(file) as MarkdownDocument;
    return links.flatMap((link) => {
      const message = problem(root, file, link, documents);
      return message === undefined ? [] : [{ file, line: link.line, message }];
    });
  });
}

function problem(
  root: string,
  file: string,
  { target }: DocumentLink,
  documents: ReadonlyMap<string, MarkdownDocument>,
): string | undefined {
  const [path = "", anchor] = target.split("#", 2);
  if (path.startsWith("/")) return `"${target}" must be relative to the document; got a path from the root.`;
  const found = path === "" ? file : relative(root, join(root, dirname(file), path));
  if (found.startsWith("..")) return `"${target}" must be a path within the repository.`;
  if (NOT_CLONED.test(found)) return `"${target}" must be a path to a tracked file.`;
  if (!existsSync(join(root, found))) return `"${target}" is broken: ${found} does not exist.`;
  if (anchor === undefined || documents.get(found)?.anchors.has(anchor)) return undefined;
  return `"${target}" is broken: ${found} has no heading "#${anchor}".`;
}
