/** The blocks of code in a Markdown document that are marked with this language, in their order. */
export function codeBlocks(markdown: string, language: string): readonly string[] {
  const blocks = markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return Array.from(blocks, ([, marked, text = ""]) => (marked === language ? [text] : [])).flat();
}
