import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

/** The root of the clone. */
export const ROOT = resolve(import.meta.dirname, "../../..");

/** The address of the repository, as package.json has it: `https://github.com/owner/name`. */
export const REPOSITORY = readRepository();

/** Where the pages of the API references are generated, from the root of the clone. */
export const REFERENCE = "apps/site/reference";

/** Documents outside of docs/ that are pages, and their addresses. */
const NAMED_PAGES: Readonly<Record<string, string>> = {
  "apps/site/index.md": "index.md",
  "docs/README.md": "documentation.md",
  "CONTRIBUTING.md": "contributing.md",
  "SECURITY.md": "security.md",
  "CODE_OF_CONDUCT.md": "code-of-conduct.md",
  "apps/examples/README.md": "examples.md",
  "batteries/README.md": "batteries.md",
  "benchmarks/README.md": "benchmarks.md",
  "tooling/README.md": "tooling/index.md",
  "tooling/bootstrap/README.md": "tooling/bootstrap.md",
  "packages/python-bridge/python/README.md": "packages/snakepit-bridge.md",
};

/** Documents and folders without a separate page, and the address with the same content. */
const SUBSTITUTES: Readonly<Record<string, string>> = {
  "README.md": "/",
  docs: "/documentation",
  "docs/decisions": "/documentation#decisions",
};

/** Families of pages: the pattern of a document, and the folder of its address. */
const FAMILIES: readonly (readonly [document: RegExp, page: string])[] = [
  [/^docs\/(decisions\/[^/]+\.md)$/, "$1"],
  [/^docs\/([^/]+\.md)$/, "$1"],
  [/^packages\/([^/]+)\/README\.md$/, "packages/$1.md"],
  [/^apps\/site\/(reference\/.+\.md)$/, "$1"],
];

/** Returns the page of a document, as a path within the site; undefined if it has none. */
export function pageOf(document: string): string | undefined {
  const named = NAMED_PAGES[document];
  if (named !== undefined) return named;
  const family = FAMILIES.find(([pattern]) => pattern.test(document));
  return family && document.replace(...family);
}

/** Returns the address of a document, or of a folder with a README, on the site: `/decisions/0001-the-floor`. */
export function addressOf(path: string): string | undefined {
  const substitute = SUBSTITUTES[path];
  if (substitute !== undefined) return substitute;
  const page = pageOf(isFolder(path) ? join(path, "README.md") : path);
  return page && `/${page.replace(/(^|(?<=\/))index\.md$|\.md$/, "")}`;
}

/** Returns the address of a file, or a folder, of the main branch. */
export function sourceAddress(path: string, kind: "blob" | "tree" = "blob"): string {
  return `${REPOSITORY}/${kind}/main/${path}`;
}

/** Returns the documents that have a page, without the generated ones. */
export function documents(): readonly string[] {
  const found = globSync(["docs/**/*.md", "packages/*/README.md"], { cwd: ROOT });
  return [...Object.keys(NAMED_PAGES), ...found].filter((file, at, all) => {
    return all.indexOf(file) === at && pageOf(file) !== undefined && existsSync(join(ROOT, file));
  });
}

function isFolder(path: string): boolean {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function readRepository(): string {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly repository: { readonly url: string };
  };
  return manifest.repository.url.replace(/^git\+/, "").replace(/\.git$/, "");
}
