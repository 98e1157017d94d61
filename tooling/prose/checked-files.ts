import { extname } from "node:path";

const KINDS = new Set([".ts", ".mjs", ".py", ".pyi", ".md", ".proto", ".sql", ".toml", ".yaml", ".yml"]);

/** Generated files and lock files: their words come from elsewhere. */
const GENERATED = /(^|\/)(gen|_proto|node_modules|dist)\/|^pnpm-lock\.yaml$/;

/** The list itself is made of the words that it forbids, and so are its tests. */
const ABOUT_WORDS = /^tooling\/prose\/(vocabulary|check-prose\.test)\.ts$/;

/** Whether the words of a file are checked. */
export function isChecked(path: string): boolean {
  return KINDS.has(extname(path)) && !GENERATED.test(path) && !ABOUT_WORDS.test(path);
}
