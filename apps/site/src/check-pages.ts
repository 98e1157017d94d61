import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { Parser } from "htmlparser2";

/** The input of the check of a site. */
export interface BuiltSite {
  /** The folder with its files. */
  readonly folder: string;
  /** The folder of the repository. */
  readonly root: string;
  /** The address of the repository: links into it lead to files that must exist in `root`. */
  readonly repository: string;
}

interface Page {
  readonly links: readonly string[];
  /** The resources that the page loads. */
  readonly resources: readonly string[];
  readonly ids: ReadonlySet<string>;
}

/** Elements that load resources, and the attributes with the addresses. */
const RESOURCES: Readonly<Record<string, string>> = {
  script: "src",
  img: "src",
  source: "src",
  video: "src",
  audio: "src",
  iframe: "src",
  embed: "src",
  object: "data",
};
/** A `<link>` of these kinds loads nothing. */
const LINKS_ONLY = /^(canonical|alternate|next|prev)$/;
const ABSOLUTE = /^([a-z][a-z0-9+.-]*:|\/\/)/i;
const STYLE_RESOURCE = /url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)/g;

/**
 * Returns the problems of the pages and the style sheets of a site: links to missing pages, headings or files of the
 * repository, and resources from another host.
 */
export function checkPages(site: BuiltSite): readonly string[] {
  const files = globSync("**/*.html", { cwd: site.folder }).sort();
  const pages = new Map(files.map((file) => [file, readPage(readFileSync(join(site.folder, file), "utf8"))]));
  return [
    ...files.flatMap((file) => {
      const { links, resources } = pages.get(file) as Page;
      const problems = [
        ...links.map((link) => problemWithLink(link, file, pages, site)),
        ...resources.map((resource) => problemWithResource(resource, file, site)),
      ];
      return [...new Set(problems)].flatMap((problem) => (problem === undefined ? [] : [`${file}: ${problem}`]));
    }),
    ...checkStyles(site),
  ];
}

function readPage(html: string): Page {
  const links: string[] = [];
  const resources: string[] = [];
  const ids = new Set<string>();
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (attributes["id"] !== undefined) ids.add(attributes["id"]);
      if (name === "a" && attributes["href"] !== undefined) links.push(attributes["href"]);
      const loaded = name === "link" ? loadedBy(attributes) : attributes[RESOURCES[name] ?? ""];
      if (loaded !== undefined) resources.push(loaded);
      resources.push(...resourcesOfStyle(attributes["style"] ?? ""));
    },
  });
  parser.end(html);
  return { links, resources, ids };
}

function loadedBy({ rel, href }: Readonly<Record<string, string>>): string | undefined {
  return LINKS_ONLY.test(rel ?? "") ? undefined : href;
}

function problemWithLink(
  link: string,
  from: string,
  pages: ReadonlyMap<string, Page>,
  site: BuiltSite,
): string | undefined {
  if (link.startsWith(`${site.repository}/`)) return problemWithSource(link, site);
  if (ABSOLUTE.test(link)) return undefined;
  const [path = "", anchor = ""] = decodeURI(link).split("#", 2);
  const file = path === "" ? from : fileOf(path, from);
  const page = pages.get(file);
  if (page === undefined) {
    return existsSync(join(site.folder, file)) ? undefined : `"${link}" is broken: ${file} does not exist`;
  }
  return anchor === "" || page.ids.has(anchor) ? undefined : `"${link}" is broken: ${file} has no such heading`;
}

function problemWithSource(link: string, { repository, root }: BuiltSite): string | undefined {
  const [, path] = /^\/(?:blob|tree)\/main\/([^#]+)/.exec(link.slice(repository.length)) ?? [];
  if (path === undefined || existsSync(join(root, decodeURI(path)))) return undefined;
  return `"${link}" is broken: ${path} is not in the repository`;
}

function problemWithResource(resource: string, from: string, { folder }: BuiltSite): string | undefined {
  if (resource.startsWith("data:") || resource.startsWith("#")) return undefined;
  if (ABSOLUTE.test(resource)) return `"${resource}" is loaded from another host`;
  const file = fileOf(decodeURI(resource), from);
  return existsSync(join(folder, file)) ? undefined : `"${resource}" is loaded but does not exist`;
}

function checkStyles({ folder }: BuiltSite): readonly string[] {
  return globSync("**/*.css", { cwd: folder }).flatMap((file) =>
    resourcesOfStyle(readFileSync(join(folder, file), "utf8"))
      .map((resource) => problemWithResource(resource, file, { folder, root: "", repository: "" }))
      .flatMap((problem) => (problem === undefined ? [] : [`${file}: ${problem}`])),
  );
}

function resourcesOfStyle(style: string): readonly string[] {
  return Array.from(style.matchAll(STYLE_RESOURCE), ([, url, imported]) => url ?? imported ?? "");
}

/**
 * Returns the file that a server returns for a path; a path that begins with `/` is relative to the root of the site.
 */
function fileOf(path: string, from: string): string {
  const [plain = ""] = path.split("?", 1);
  const file = plain.startsWith("/") ? plain.slice(1) : posix.join(posix.dirname(from), plain);
  return file === "" || file.endsWith("/") ? `${file}index.html` : file;
}
