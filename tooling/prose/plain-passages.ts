import { type Passage, runningText, splitName } from "./passage.ts";

/**
 * The lines of a file of another kind (.proto, .sql, .toml, .yaml, .sh): a comment as running text, everything else as
 * names. Comments on following lines are one.
 */
export function plainPassages(source: string): readonly Passage[] {
  const passages: Passage[] = [];
  let comment: { text: string; line: number } | undefined;
  for (const [index, line] of source.split("\n").entries()) {
    const mark = /(?:^|\s)(?:\/\/|#|--)(?=\s)/.exec(line);
    const text = mark === null ? "" : runningText(line.slice(mark.index + mark[0].length));
    const code = mark === null ? line : line.slice(0, mark.index);
    const isWholeLine = code.trim() === "";
    if (!(text !== "" && isWholeLine && comment !== undefined)) comment = undefined;
    if (!isWholeLine) passages.push({ text: splitName(code), line: index + 1 });
    if (text === "") continue;
    if (comment !== undefined) comment.text += ` ${text}`;
    else {
      comment = { text, line: index + 1 };
      passages.push(comment);
    }
  }
  return passages;
}
