/** A link within the repository. */
export interface DocumentLink {
  /** The decoded target: `../README.md#set-up`. */
  readonly target: string;
  readonly line: number;
}

/** The links and the anchors of a Markdown document. */
export interface MarkdownDocument {
  /** Links to targets within the repository. */
  readonly links: readonly DocumentLink[];
  /** The anchors that GitHub generates from the headings. */
  readonly anchors: ReadonlySet<string>;
}

const FENCE = /^\s*(`{3,}|~{3,})/;
const HEADING = /^ {0,3}#{1,6}\s+(.+?)\s*#*$/;
const CODE = /`+[^`]*`+/g;
/** `[text](target)` and `![text](target "title")`. */
const INLINE = /\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g;
/** `[name]: target`. */
const DEFINITION = /^ {0,3}\[[^\]]+\]:\s+<?([^\s>]+)>?/g;
const HTML = /\b(?:href|src)="([^"]+)"/g;
/** `https:`, `mailto:` and the like. */
const ELSEWHERE = /^([a-z][a-z0-9+.-]*:|\/\/)/i;

/** Reads a document; links in code are ignored. */
export function readMarkdown(text: string): MarkdownDocument {
  const links: DocumentLink[] = [];
  const anchors = new Set<string>();
  let fence: string | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const mark = FENCE.exec(line)?.[1];
    if (fence !== undefined) {
      if (mark?.startsWith(fence)) fence = undefined;
    } else if (mark !== undefined) {
      fence = mark;
    } else {
      const heading = HEADING.exec(line)?.[1];
      if (heading !== undefined) anchors.add(unused(anchorOf(heading), anchors));
      links.push(...linksIn(line.replaceAll(CODE, "")).map((target) => ({ target, line: index + 1 })));
    }
  }
  return { links, anchors };
}

function linksIn(line: string): string[] {
  const targets = [INLINE, DEFINITION, HTML].flatMap((form) =>
    Array.from(line.matchAll(form), (match) => match[1] ?? ""),
  );
  return targets.filter((target) => !ELSEWHERE.test(target)).map(decodeURI);
}

/** Returns the anchor of a heading: lower case, only letters, digits, `-` and `_`, spaces as `-`, links as their text. */
function anchorOf(heading: string): string {
  const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
  return text.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
}

/** Makes an anchor unique: the second equal heading has the suffix `-1`, the third `-2`. */
function unused(anchor: string, taken: ReadonlySet<string>): string {
  if (!taken.has(anchor)) return anchor;
  let count = 1;
  while (taken.has(`${anchor}-${count}`)) count += 1;
  return `${anchor}-${count}`;
}
