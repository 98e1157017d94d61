/** A file that a document shows in a code block. */
export interface Sample {
  /** The file name in the comment on its first line: `tools.py`. */
  readonly file: string;
  readonly text: string;
  /** Its expected output, line by line, from the comments that begin with `→`. */
  readonly prints: readonly string[];
}

const BLOCK = /^```(python|ts|js|sh)\n(.*?)^```$/gms;
const FILE = /^(?:#|\/\/) ([\w.-]+\.(?:py|ts|js|sh))\n/;
const PRINTS = /(?:\/\/|#) → (.*)$/gm;

/**
 * Returns the Python and TypeScript blocks of a document, in order, and the JavaScript and shell blocks that name a file.
 *
 * @throws Error for a Python or TypeScript block whose first line does not name its file: it could not be tested.
 */
export function samplesIn(document: string): Sample[] {
  return Array.from(document.matchAll(BLOCK)).flatMap(([, language = "", text = ""]) => {
    const file = FILE.exec(text)?.[1];
    if (file === undefined && (language === "sh" || language === "js")) return [];
    if (file === undefined) throw new Error(`a sample does not name its file in the first line:\n${text}`);
    return { file, text, prints: Array.from(text.matchAll(PRINTS), (match) => match[1] ?? "") };
  });
}
