import { join } from "node:path";
import { expect, test } from "vitest";
import { siteLink } from "./document-links.ts";
import { REPOSITORY, ROOT } from "./repository.ts";

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
