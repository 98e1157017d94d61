import { existsSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { addressOf, ROOT, sourceAddress } from "./addresses.ts";

/** `https:`, `mailto:` and the like. */
const ELSEWHERE = /^([a-z][a-z0-9+.-]*:|\/\/)/i;

/**
 * Returns the target of a document's link on the site: the page of a document, or any other file in the repository.
 *
 * @param href the link in the document, relative to the document
 * @param document the absolute path of the document
 * @throws Error when the file does not exist
 */
export function siteLink(href: string, document: string): string {
  if (ELSEWHERE.test(href) || href.startsWith("#")) return href;
  const [path = "", anchor] = decodeURI(href).split("#", 2);
  // A page that is written for the site, such as the home page, has addresses of the site.
  if (path.startsWith("/")) return href;
  const file = relative(ROOT, join(dirname(document), path));
  if (!existsSync(join(ROOT, file)))
    throw new Error(`${relative(ROOT, document)} links to ${file}, which does not exist`);
  const address = addressOf(file) ?? sourceAddress(file, statSync(join(ROOT, file)).isDirectory() ? "tree" : "blob");
  return anchor === undefined ? address : `${address}#${anchor}`;
}

/** The images of the repository, which the site contains. */
const IMAGE = /\.(webp|png|svg|jpg)$/;

/** The parts of a markdown-it token that links need. */
interface Token {
  readonly type: string;
  readonly children: readonly Token[] | null;
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}

/** Rewrites the links in the tokens of a document. */
export function rewriteLinks(tokens: readonly Token[], document: string): void {
  for (const token of tokens) {
    const attribute = token.type === "link_open" ? "href" : token.type === "image" ? "src" : undefined;
    const target = attribute && token.attrGet(attribute);
    if (attribute && target) {
      // VitePress copies an image that a relative path names.
      const isImage = attribute === "src" && !ELSEWHERE.test(target) && IMAGE.test(target);
      token.attrSet(attribute, isImage ? `./${target}` : siteLink(target, document));
    }
    if (token.children !== null) rewriteLinks(token.children, document);
  }
}
