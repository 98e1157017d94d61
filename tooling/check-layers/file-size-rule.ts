import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Violation } from "./violation.ts";
import { isTestCode } from "./workspace-package.ts";

const MOST_LINES = 400;
const MOST_LINES_OF_TEST = 600;

/** The formatter wraps code at this column, but neither comments nor strings. */
const MOST_COLUMNS = 120;
/** A line of a comment in TypeScript. A link and a directive cannot be wrapped. */
const COMMENT = /^\s*(\*|\/\/|\/\*\*) (?!biome-ignore)(?!.*https?:\/\/)/;

/** A shorter file should be a port, a public type or an entry point; otherwise its subject is part of another file. */
const FEWEST_LINES = 30;
/** The largest share of shorter files. */
const MOST_SHORT_FILES = 0.1;
/** The share is checked in a workspace with at least this many source files: in a small one, a few files decide it. */
const FEWEST_FILES = 100;
/** How many of the files that could be merged are named. */
const NAMED_FILES = 10;

/** A pattern skips folders whose names begin with a dot, unless it names them. */
const SOURCES = ["", "{packages,apps,batteries,benchmarks,tooling}/**/", "apps/*/.vitepress/**/"].map(
  (folder) => `${folder}*.{ts,mjs,py}`,
);
const NOT_OURS = /(^|\/)(node_modules|dist|gen|generated|_proto|\.venv|\.vitepress\/cache)(\/|$)/;
/** Files that are short for a reason: entry points, programs that tests run, and examples. */
const MAY_BE_SHORT = /(^|\/)((index|main|run|__init__|__main__)\.\w+$|testdata\/)|^apps\/examples\//;

interface SourceFile {
  readonly file: string;
  readonly lines: number;
}

/**
 * Returns the source files that exceed the maximum length, the comments that exceed the maximum width, and a violation
 * if too large a share of the files is very short.
 */
export function checkFileSizes(root: string): readonly Violation[] {
  const files = globSync(SOURCES, { cwd: root, exclude: (path) => NOT_OURS.test(path) }).sort();
  const sources = files.map((file) => {
    const text = readFileSync(join(root, file), "utf8");
    return { file, lines: linesIn(text), wide: file.endsWith(".py") ? [] : wideComments(file, text) };
  });
  return [...sources.flatMap(checkLength), ...sources.flatMap(({ wide }) => wide), ...checkShareOfShortFiles(sources)];
}

/** Ruff checks the width of lines of Python. */
function wideComments(file: string, text: string): readonly Violation[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.length <= MOST_COLUMNS || !COMMENT.test(line)) return [];
    return [
      { file, line: index + 1, message: `a comment of ${line.length} columns, at most ${MOST_COLUMNS} are allowed.` },
    ];
  });
}

function linesIn(text: string): number {
  return text.split("\n").length - 1;
}

function checkLength({ file, lines }: SourceFile): readonly Violation[] {
  const most = isTestCode(file) || isPythonTest(file) ? MOST_LINES_OF_TEST : MOST_LINES;
  if (lines <= most) return [];
  return [{ file, line: most + 1, message: `${lines} lines, at most ${most} are allowed; split the file.` }];
}

function isPythonTest(file: string): boolean {
  return /(^|\/)(test_[^/]*|conftest)\.py$/.test(file);
}

/** The violation is at the first file to merge. */
function checkShareOfShortFiles(sources: readonly SourceFile[]): readonly Violation[] {
  const short = sources.filter(({ lines }) => lines < FEWEST_LINES).sort(byNeedToMerge);
  const share = short.length / sources.length;
  if (sources.length < FEWEST_FILES || share <= MOST_SHORT_FILES) return [];
  const named = short.slice(0, NAMED_FILES).map(({ file, lines }) => `${file} (${lines})`);
  const found = `${short.length} of ${sources.length} source files (${percent(share)}) have fewer than ${FEWEST_LINES} lines`;
  const message = `${found}, at most ${percent(MOST_SHORT_FILES)} may; merge files by subject, such as ${named.join(", ")}.`;
  return short.slice(0, 1).map(({ file }) => ({ file, line: 1, message }));
}

/** The shortest files first, and those that are short for a reason last. */
function byNeedToMerge(a: SourceFile, b: SourceFile): number {
  return Number(MAY_BE_SHORT.test(a.file)) - Number(MAY_BE_SHORT.test(b.file)) || a.lines - b.lines;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
