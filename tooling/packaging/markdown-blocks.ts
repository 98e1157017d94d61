/** Returns the code blocks of a Markdown document in this language, in order. */
export function codeBlocks(markdown: string, language: string): readonly string[] {
  const blocks = markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return Array.from(blocks, ([, marked, text = ""]) => (marked === language ? [text] : [])).flat();
}
