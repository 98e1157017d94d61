/** A file that a document shows in a block of code. */
export interface Sample {
  /** What the comment in its first line names: `tools.py`. */
  readonly file: string;
  readonly text: string;
  /** What it prints, line by line, as comments behind `→` say. */
  readonly prints: readonly string[];
}

const BLOCK = /^```(python|ts|js|sh)\n(.*?)^```$/gms;
const FILE = /^(?:#|\/\/) ([\w.-]+\.(?:py|ts|js|sh))\n/;
const PRINTS = /(?:\/\/|#) → (.*)$/gm;

/**
 * The blocks of Python and TypeScript in a document, in their order, and those of JavaScript and for the shell that name a file.
 *
 * @throws Error for a program whose first line does not name its file: nobody could tell whether it works.
 */
export function samplesIn(document: string): Sample[] {
  return Array.from(document.matchAll(BLOCK)).flatMap(([, language = "", text = ""]) => {
    const file = FILE.exec(text)?.[1];
    if (file === undefined && (language === "sh" || language === "js")) return [];
    if (file === undefined) throw new Error(`a sample does not name its file in the first line:\n${text}`);
    return { file, text, prints: Array.from(text.matchAll(PRINTS), (match) => match[1] ?? "") };
  });
}
