import { join } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY, ROOT } from "./addresses.ts";
import { rewriteLinks, siteLink } from "./document-links.ts";

const CONCEPTS = join(ROOT, "docs/concepts.md");

test.each([
  ["a document", "errors.md", "/errors"],
  ["a heading of a document", "errors.md#codes", "/errors#codes"],
  ["a heading of the same document", "#pool", "#pool"],
  ["a package", "../packages/core", "/packages/core"],
  ["the README of a package", "../packages/core/README.md", "/packages/core"],
  ["the README of the repository", "../README.md", "/"],
  ["a source file", "../packages/core/src/index.ts", `${REPOSITORY}/blob/main/packages/core/src/index.ts`],
  ["a folder of sources", "../packages/core/src", `${REPOSITORY}/tree/main/packages/core/src`],
  ["another host", "https://example.org/a.md", "https://example.org/a.md"],
])("a link to %s leads to its address on the site", (_, href, expected) => {
  expect(siteLink(href, CONCEPTS)).toBe(expected);
});

test("a link to a missing file names the document and the file", () => {
  expect(() => siteLink("gone.md", CONCEPTS)).toThrow("docs/concepts.md links to docs/gone.md, which does not exist");
});

test("the links and images of a document are rewritten, nested ones included, and nothing else", () => {
  const link = new FakeToken("link_open", { href: "errors.md", title: "concepts.md" });
  const image = new FakeToken("image", { src: "../README.md" });
  const picture = new FakeToken("image", { src: "images/dashboard-workers.webp" });
  const anchor = new FakeToken("heading_open", { id: "errors.md" });
  rewriteLinks([new FakeToken("inline", {}, [link, image, picture]), anchor], CONCEPTS);
  expect(link.attributes).toEqual({ href: "/errors", title: "concepts.md" });
  expect(image.attributes).toEqual({ src: "/" });
  expect(picture.attributes).toEqual({ src: "./images/dashboard-workers.webp" });
  expect(anchor.attributes).toEqual({ id: "errors.md" });
});

/** A token as markdown-it creates it. */
class FakeToken {
  readonly type: string;
  readonly attributes: Record<string, string>;
  readonly children: readonly FakeToken[] | null;

  constructor(type: string, attributes: Record<string, string>, children: readonly FakeToken[] | null = null) {
    this.type = type;
    this.attributes = attributes;
    this.children = children;
  }

  attrGet(name: string): string | null {
    return this.attributes[name] ?? null;
  }

  attrSet(name: string, value: string): void {
    this.attributes[name] = value;
  }
}
