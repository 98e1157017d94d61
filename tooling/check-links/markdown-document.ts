/** A link to something in the repository. */
export interface DocumentLink {
  /** As it is written, decoded: `../README.md#set-up`. */
  readonly target: string;
  readonly line: number;
}

/** What can be linked from a Markdown document, and to it. */
export interface MarkdownDocument {
  /** Links that do not lead out of the repository. */
  readonly links: readonly DocumentLink[];
  /** What may stand behind a `#`, as GitHub makes it of the headings. */
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

/** Reads a document; what stands in code is no link. */
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

/** Lower case, without what is neither letter, digit, `-` nor `_`, spaces as `-`; of a link only its text. */
function anchorOf(heading: string): string {
  const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
  return text.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
}

/** The second heading of one text gets `-1` behind its anchor, the third `-2`. */
function unused(anchor: string, taken: ReadonlySet<string>): string {
  if (!taken.has(anchor)) return anchor;
  let count = 1;
  while (taken.has(`${anchor}-${count}`)) count += 1;
  return `${anchor}-${count}`;
}
