import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { type ConfigProblem, describeValue, nearestName } from "@snakepit/core";

const RELATIVE_TO_CODE = 'python(new URL("./tools.py", import.meta.url))';

/** What is wrong with a target, as far as it can be seen without the file system; `undefined` when nothing is. */
export function targetProblem(target: unknown): ConfigProblem | undefined {
  const text = target instanceof URL ? target.href : target;
  if (typeof text !== "string" || text === "") return mistake(`is ${describeValue(target)}`, formsOf(target));
  if (/^[A-Za-z]:[\\/]/.test(text)) {
    const file = text.split(/[\\/]/).at(-1);
    return mistake(
      `is ${describeValue(text)}, a Windows path`,
      `write its path on this machine, such as \`python("./${file}")\`, or in WSL \`python("/mnt/${text[0]?.toLowerCase()}${text.slice(2).replaceAll("\\", "/")}")\``,
      false,
    );
  }
  if (/^[^:]*\\[^:]*\.py(:|$)/.test(text)) {
    const slashes = text.replaceAll("\\", "/");
    return mistake(
      `is ${describeValue(text)}, with backslashes`,
      `write \`python(${JSON.stringify(slashes)})\``,
      false,
    );
  }
  const isFileUrl = text.startsWith("file:");
  if (!isFileUrl && (target instanceof URL || /^[a-z][a-z0-9+.-]+:\/\//i.test(text))) {
    return mistake(`is the URL ${text}`, `write \`${RELATIVE_TO_CODE}\` for a file next to this one`);
  }
  if (/\.[cm]?[jt]sx?$/.test(text)) {
    return mistake(`is ${describeValue(text)}`, `write \`${RELATIVE_TO_CODE}\` for a file next to this one`);
  }
  if (text.includes("\n")) return mistake("is source code", 'write it to a file, and `python("./tools.py")`');
  return undefined;
}

/** What to write instead of a file that does not exist; the likeliest of the files that do. */
export function existingFile(target: string, file: string): string {
  if (target.startsWith("~/"))
    return `~ stands for no directory here; write python(${JSON.stringify(join(homedir(), target.slice(2)))})`;
  if (existsSync(`${file}.py`)) return `write python(${JSON.stringify(`${target}.py`)})`;
  const [, script, name] = /^(.*\.py)[:.]+(\w+)$/.exec(target) ?? [];
  if (script !== undefined && name !== undefined && existsSync(resolve(dirname(file), basename(script)))) {
    return `write python(${JSON.stringify(script)}), and name the tool in the call: execute("${name}", { … })`;
  }
  const nearest = nearestName(basename(file), pythonFilesIn(dirname(file)));
  if (nearest !== undefined) {
    return `did you mean python(${JSON.stringify(target.slice(0, target.length - basename(target).length) + nearest)})?`;
  }
  const [, main] = process.argv;
  if (main !== undefined && existsSync(resolve(dirname(main), target))) {
    return `it is in ${dirname(main)}; write python(new URL(${JSON.stringify(target)}, import.meta.url))`;
  }
  return "give its path from the working directory, or a URL made with import.meta.url";
}

/** The forms of a target; with the name of the file where one was given in another form. */
function formsOf(target: unknown): string {
  const parts = typeof target === "object" && target !== null ? Object.values(target) : [];
  const file = parts.find((part) => typeof part === "string" && part.endsWith(".py"));
  if (file !== undefined) return `write \`python(${JSON.stringify(file)})\``;
  return 'write for example `python("./tools.py")`, `python("package.module")` or `python("./tools.py:MyAdapter")`';
}

function mistake(problem: string, remedy: string, expects = true): ConfigProblem {
  const expected = expects ? ", not a Python file, a module or a class of one" : "";
  return { path: "target", problem: problem + expected, remedy };
}

function pythonFilesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith(".py"));
  } catch {
    // There is no such directory, or it cannot be read: there is nothing to suggest.
    return [];
  }
}
