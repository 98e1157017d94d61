/** The documents whose samples compile, as patterns relative to the workspace. */
export const DOCUMENTS = ["README.md", "docs/*.md", "packages/*/README.md"];

/** What samples import in addition to our packages; the examples have them installed. */
export const FRAMEWORKS = ["express", "@types/express", "fastify", "vitest"];

/** A `.d.ts` file with the names that samples in documents use without a declaration. */
export const SAMPLE_CONTEXT = `
declare const Snakepit: typeof import("snakepit").Snakepit;
declare const python: typeof import("snakepit").python;
declare const pit: import("snakepit").Snakepit;

declare const ndarray: typeof import("snakepit").ndarray;
declare const lines: (signal: AbortSignal) => Promise<readonly string[]>;
declare const index: { search(query: string): Promise<readonly string[]> };
declare const pino: () => import("snakepit").Logger;
`;

/** Returns the code blocks of a Markdown document in this language, in order. */
export function codeBlocks(markdown: string, language: string): readonly string[] {
  const blocks = markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return Array.from(blocks, ([, marked, text = ""]) => (marked === language ? [text] : [])).flat();
}

/** Returns the file that the first line of a sample names: other samples of its document import it. */
export function fileNameIn(block: string): string | undefined {
  return /^\/\/ ([\w.-]+\.ts)\n/.exec(block)?.[1];
}
