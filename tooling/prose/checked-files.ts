import { extname } from "node:path";

const KINDS = new Set([".ts", ".mjs", ".py", ".pyi", ".md", ".proto", ".sql", ".toml", ".yaml", ".yml"]);

/** Generated files and lock files: their words come from elsewhere. */
const GENERATED = /(^|\/)(gen|_proto|node_modules|dist)\/|^pnpm-lock\.yaml$/;

/** The list itself is made of the words that it forbids, and so are its tests. */
const ABOUT_WORDS = /^tooling\/prose\/(vocabulary|check-prose\.test)\.ts$/;

/** Not revised yet (issue 9); this list goes when it is empty. */
const UNREVISED = [".ci/", "docs/architecture.md", "docs/errors.md", "packages/", "tooling/"];
const REVISED = ["tooling/prose/", "tooling/README.md", "tooling/bootstrap/README.md"];
/** Documents of packages, whose sources are not revised yet. */
const REVISED_DOCUMENTS = /^packages\/.*\/(README|CHANGELOG)\.md$/;

/** Whether the words of a file are checked. */
export function isChecked(path: string): boolean {
  return KINDS.has(extname(path)) && !GENERATED.test(path) && !ABOUT_WORDS.test(path) && isRevised(path);
}

function isRevised(path: string): boolean {
  const isIn = (folders: readonly string[]) => folders.some((folder) => path.startsWith(folder));
  return isIn(REVISED) || REVISED_DOCUMENTS.test(path) || !isIn(UNREVISED);
}
