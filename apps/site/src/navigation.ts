import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DefaultTheme } from "vitepress";
import { addressOf, documents, REFERENCE, ROOT } from "./addresses.ts";

type SidebarItem = DefaultTheme.SidebarItem;

/** The table of contents on GitHub and on the site. */
const CONTENTS = "docs/README.md";

const HEADING = /^## (.+)$/;
const ENTRY = /^\s*(?:-|\d+\.) \[([^\]]+)\]\(([^)\s]+)\)/;

/** The titles of the folders of the TypeScript reference in the navigation, in this order. */
const KINDS: Readonly<Record<string, string>> = {
  classes: "Classes",
  interfaces: "Interfaces",
  "type-aliases": "Types",
  functions: "Functions",
  variables: "Values",
};

/**
 * Returns the sections of the table of contents with their pages.
 *
 * @throws Error when a document is missing there, or is listed twice
 */
export function contents(): SidebarItem[] {
  const sections: { readonly text: string; readonly items: SidebarItem[] }[] = [];
  const listed: string[] = [];
  for (const line of readFileSync(join(ROOT, CONTENTS), "utf8").split("\n")) {
    const heading = HEADING.exec(line)?.[1];
    if (heading !== undefined) sections.push({ text: heading, items: [] });
    const [, text, target] = ENTRY.exec(line) ?? [];
    if (text === undefined || target === undefined) continue;
    const file = join(dirname(CONTENTS), target);
    const link = addressOf(file);
    // Folders of sources are on GitHub only.
    if (link === undefined) continue;
    listed.push(file);
    sections.at(-1)?.items.push({ text, link });
  }
  checkComplete(listed);
  return sections;
}

function checkComplete(listed: readonly string[]): void {
  const guides = documents().filter((file) => file.startsWith("docs/") && file !== CONTENTS);
  const missing = guides.filter((file) => !listed.includes(file));
  if (missing.length > 0) throw new Error(`${CONTENTS} does not list ${missing.join(", ")}`);
  const twice = listed.filter((file, at) => listed.indexOf(file) !== at);
  if (twice.length > 0) throw new Error(`${CONTENTS} lists ${twice.join(", ")} twice`);
}

/**
 * Returns the navigation of the TypeScript reference: for the pages of each module all modules, with the exports of
 * that one by kind. Pages with the exports of all modules would be several times as large.
 */
export function typeScriptReference(): DefaultTheme.SidebarMulti {
  const folder = `${REFERENCE}/typescript`;
  const modules = globSync(`${folder}/**/index.md`, { cwd: ROOT })
    .filter((file) => dirname(file) !== folder)
    .map((file) => ({ text: titleOf(file), link: addressOf(file) as string, folder: dirname(file) }))
    .sort((a, b) => rankOf(a.text) - rankOf(b.text) || (a.text < b.text ? -1 : 1));
  const closed: SidebarItem[] = modules.map(({ text, link }) => ({ text, link }));
  const opened = modules.map((module, at) => {
    const kinds = Object.entries(KINDS).flatMap(([kind, text]) => exportsOf(join(module.folder, kind), text));
    return [module.link, closed.with(at, { ...(closed[at] as SidebarItem), items: kinds })] as const;
  });
  // VitePress uses the longest matching path, so the order does not matter.
  return { [addressOf(`${folder}/index.md`) as string]: closed, ...Object.fromEntries(opened) };
}

/** The package that users install comes first. */
function rankOf(module: string): number {
  return module === "snakepit" ? 0 : 1;
}

function exportsOf(folder: string, text: string): SidebarItem[] {
  const pages = globSync(`${folder}/*.md`, { cwd: ROOT }).sort();
  if (pages.length === 0) return [];
  const items = pages.map((page) => ({ text: basename(page, ".md"), link: addressOf(page) as string }));
  return [{ text, collapsed: true, items }];
}

/** Returns the navigation of the Python reference. */
export function pythonReference(): SidebarItem[] {
  const pages = globSync(`${REFERENCE}/python/*.md`, { cwd: ROOT }).sort();
  return pages.map((page) => ({ text: titleOf(page), link: addressOf(page) as string }));
}

function titleOf(page: string): string {
  const [, title = page] = /^# (.+)$/m.exec(readFileSync(join(ROOT, page), "utf8")) ?? [];
  return title.replaceAll("\\", "");
}
