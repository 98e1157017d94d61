import { createRequire } from "node:module";
import { extname } from "node:path";
import { TextlintKernel, type TextlintKernelOptions, type TextlintPluginCreator } from "@textlint/kernel";
import comments from "textlint-filter-rule-comments";
import terminology from "textlint-rule-terminology";
import { filePassages } from "./file-passages.ts";
import { passagesPlugin, toDocument } from "./passages-plugin.ts";
import { AVOIDED_WORDS } from "./vocabulary.ts";

// A CommonJS module whose export `default` Node.js and vitest import in different ways.
const { default: markdown } = createRequire(import.meta.url)("@textlint/textlint-plugin-markdown") as {
  readonly default: TextlintPluginCreator;
};

/** A word that the project does not use. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Settings files and `.ci/run` have no extension. JSON files contain the titles of shared test cases. */
const KINDS = new Set([
  ".ts",
  ".mjs",
  ".py",
  ".pyi",
  ".md",
  ".proto",
  ".sql",
  ".toml",
  ".yaml",
  ".yml",
  ".json",
  ".css",
  "",
]);

/** Generated files and lock files: their words come from elsewhere. */
const GENERATED = /(^|\/)(gen|_proto|node_modules|dist)\/|^pnpm-lock\.yaml$/;

/** The list itself is made of the words that it forbids, and so are its tests. */
const ABOUT_WORDS = /^tooling\/prose\/(vocabulary|check-prose\.test)\.ts$/;

/**
 * textlint uses a pattern that begins with a look-behind unchanged. A space in it also stands for a line break. The
 *   rule
 * replaces each match a second time, between two tags `xyz` instead of its context, and ignores it if that fails. A
 * look-ahead at the end of a pattern therefore also accepts the tag.
 */
const TERMS = AVOIDED_WORDS.map(({ pattern, use }) => [
  `(?<![\\w-])(?:${pattern.replace(/\(\?=(.*)\)$/, "(?=$1| xyz$)").replaceAll(" ", "\\s+")})(?!\\w)`,
  use,
]);

const kernel = new TextlintKernel();

/** Whether the words of a file are checked. */
export function isChecked(path: string): boolean {
  return KINDS.has(extname(path)) && !GENERATED.test(path) && !ABOUT_WORDS.test(path);
}

/**
 * The words in a file that {@link AVOIDED_WORDS} lists: in its prose, comments, strings, identifiers and path. In
 * Markdown also the misspelled names that textlint's terminology rule knows. Quotations (`>`) are left alone, and so is
 * what stands between `<!-- textlint-disable -->` and `<!-- textlint-enable -->`.
 *
 * @param path relative to the repository, for the findings.
 */
export async function checkProse(path: string, source: string): Promise<readonly Finding[]> {
  const inCode = await checkPassages(path, source);
  if (!path.endsWith(".md")) return inCode;
  return [...(await checkMarkdown(path, source)), ...inCode].sort((a, b) => a.line - b.line);
}

async function checkPassages(path: string, source: string): Promise<readonly Finding[]> {
  const disabled = disabledLines(source);
  const passages = filePassages(path, source).filter(({ line }) => !disabled(line));
  const { text, passageAt } = toDocument(passages);
  const { messages } = await kernel.lintText(text, {
    ...options(path, ".passages", false),
    plugins: [{ pluginId: "passages", plugin: passagesPlugin }],
  });
  return messages.map(({ range, message }) => ({ file: path, line: passageAt(range[0]).line, message }));
}

async function checkMarkdown(path: string, source: string): Promise<readonly Finding[]> {
  const { messages } = await kernel.lintText(source, {
    ...options(path, ".md", true),
    plugins: [{ pluginId: "markdown", plugin: markdown }],
    filterRules: [{ ruleId: "comments", rule: comments }],
  });
  return messages.map(({ line, message }) => ({ file: path, line, message }));
}

function options(path: string, ext: string, defaultTerms: boolean): TextlintKernelOptions {
  const rule = {
    ruleId: "terminology",
    rule: terminology,
    options: { defaultTerms, terms: TERMS, skip: ["BlockQuote"] },
  };
  return { filePath: path, ext, rules: [rule] };
}

/** Which lines stand between the comments that switch textlint off and on. */
function disabledLines(source: string): (line: number) => boolean {
  const disabled = new Set<number>();
  let off = false;
  for (const [index, line] of source.split("\n").entries()) {
    if (/textlint-disable/.test(line)) off = true;
    if (off) disabled.add(index + 1);
    if (/textlint-enable/.test(line)) off = false;
  }
  return (line) => disabled.has(line);
}
