// What the generators of this package share: they write files, or check them with --check.
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../..");

/**
 * Writes files that differ from their content. With --check, it writes nothing, and the process fails if one differs.
 *
 * @param files the contents, by path from the root of the repository.
 * @param command the command that generates them.
 */
export function writeOrCheck(files, command) {
  const stale = Object.entries(files).filter(([path, text]) => read(join(root, path)) !== text);
  if (!process.argv.includes("--check")) {
    for (const [path, text] of stale) writeFileSync(join(root, path), text);
    return;
  }
  for (const [path] of stale)
    process.stderr.write(`${relative(root, join(root, path))} is out of date; run: ${command}\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
}

/** Returns a doc comment, in one line if it fits. */
export function docComment(text, indent) {
  const width = 120 - indent.length - 3;
  const lines = text.split("\n").flatMap((paragraph) => wrap(paragraph, width));
  if (lines.length === 1 && lines[0].length <= width - 4) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}\n`).join("")}${indent} */\n`;
}

/** Breaks a paragraph into lines of at most `width` characters. */
export function wrap(paragraph, width) {
  const lines = [""];
  for (const word of paragraph.split(" ")) {
    const line = lines.at(-1);
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

/** Escapes a string for a cell of a Markdown table. */
export function cell(text) {
  return text.replaceAll("|", "\\|");
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}
