import { basename } from "node:path";
import { styleText } from "node:util";
import type { FoundFunction, Survey } from "./survey.ts";

/** Prints the results of the survey. */
export function printSurvey(survey: Survey): void {
  const number = (value: number) => value.toLocaleString("en");
  printRows([
    [
      "files",
      number(survey.files) + (survey.unreadable > 0 ? `  (${survey.unreadable} are deliberately invalid Python)` : ""),
    ],
    ["lines", number(survey.lines)],
    ["functions", number(survey.functions)],
    ["mean complexity", survey.meanComplexity.toFixed(2)],
    ["most complex", where(survey.mostComplex, (each) => `complexity ${each.complexity}`)],
    ["longest", where(survey.longest, (each) => `${number(each.length)} lines`)],
    [
      "most imported",
      survey
        .mostImported(6)
        .map(([name, files]) => `${name} ${styleText("dim", String(files))}`)
        .join("  "),
    ],
  ]);
}

/** Prints labels and values in two columns. */
export function printRows(rows: readonly (readonly [string, string])[]): void {
  const width = Math.max(...rows.map(([label]) => label.length));
  for (const [label, value] of rows) console.log(`  ${styleText("dim", label.padEnd(width))}  ${value}`);
}

/** Prints a heading in bold. */
export function heading(text: string): void {
  console.log(`\n${styleText("bold", text)}`);
}

function where(found: FoundFunction | undefined, fact: (found: FoundFunction) => string): string {
  if (found === undefined) return "none";
  return `${found.name}()  ${styleText("dim", `${basename(found.path)}:${found.line}`)}  ${fact(found)}`;
}
