import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkPages } from "./check-pages.ts";

const REPOSITORY = "https://example.org/owner/name";

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "snakepit-site-"));
  folder = join(root, "dist");
  write("guide/index.html", '<h1 id="guide">Guide</h1>');
  write("guide/more.html", '<h2 id="set-up">Set-up</h2>');
  write("assets/style.css", "");
  writeFileSync(join(root, "LICENSE"), "");
});
afterEach(() => rmSync(root, { recursive: true }));

describe("a page", () => {
  test.each([
    '<a href="/guide/">a folder</a>',
    '<a href="/guide/more.html#set-up">a heading of another page</a>',
    '<a href="guide/more.html">a relative path</a>',
    '<p id="here"><a href="#here">a heading of this page</a>',
    '<a href="https://example.com/">another host</a>',
    `<a href="${REPOSITORY}/blob/main/LICENSE#L1">a file of the repository</a>`,
    `<a href="${REPOSITORY}/issues">another page of the repository</a>`,
    '<link rel="stylesheet" href="/assets/style.css"><img src="data:image/png;base64,AA==">',
    '<link rel="canonical" href="https://example.com/">',
  ])("may have %j", (html) => {
    write("index.html", html);
    expect(problems()).toEqual([]);
  });

  test.each([
    ['<a href="/gone.html">', '"/gone.html" is broken: gone.html does not exist'],
    ['<a href="gone/">', '"gone/" is broken: gone/index.html does not exist'],
    ['<a href="/guide/more.html#gone">', '"/guide/more.html#gone" is broken: guide/more.html has no such heading'],
    ['<a href="#gone">', '"#gone" is broken: index.html has no such heading'],
    [
      `<a href="${REPOSITORY}/tree/main/gone">`,
      `"${REPOSITORY}/tree/main/gone" is broken: gone is not in the repository`,
    ],
    ['<script src="https://cdn.example/x.js"></script>', '"https://cdn.example/x.js" is loaded from another host'],
    ['<link rel="stylesheet" href="//cdn.example/x.css">', '"//cdn.example/x.css" is loaded from another host'],
    ['<img src="https://img.example/badge.svg">', '"https://img.example/badge.svg" is loaded from another host'],
    [
      '<p style="background: url(https://img.example/x.png)">',
      '"https://img.example/x.png" is loaded from another host',
    ],
    ['<script type="module" src="/assets/gone.js"></script>', '"/assets/gone.js" is loaded but does not exist'],
  ])("must not have %j", (html, problem) => {
    write("index.html", html);
    expect(problems()).toEqual([`index.html: ${problem}`]);
  });
});

test.each(["@import 'https://fonts.example/inter.css';", "@font-face { src: url(https://fonts.example/inter.css) }"])(
  "a style sheet must not have %j",
  (css) => {
    write("assets/style.css", css);
    expect(problems()).toEqual(['assets/style.css: "https://fonts.example/inter.css" is loaded from another host']);
  },
);

function problems(): readonly string[] {
  return checkPages({ folder, root, repository: REPOSITORY });
}

function write(file: string, content: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), content);
}
