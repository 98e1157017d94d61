import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { type ConfigProblem, describeValue, nearestName } from "@snakepit/core";

const RELATIVE_TO_CODE = 'python(new URL("./tools.py", import.meta.url))';

const TARGET_RULE = "a Python file, a module, or a class in either";

/** Returns the problem with a target that can be detected without the file system; `undefined` for a valid one. */
export function targetProblem(target: unknown): ConfigProblem | undefined {
  const specifier = target instanceof URL ? target.href : target;
  if (typeof specifier !== "string" || specifier === "") {
    return problemOf(TARGET_RULE, describeValue(target), validForms(target));
  }
  if (/^[A-Za-z]:[\\/]/.test(specifier)) {
    const file = specifier.split(/[\\/]/).at(-1);
    return problemOf(
      "a path on this machine",
      `the Windows path ${describeValue(specifier)}`,
      `write for example \`python("./${file}")\`, or in WSL \`python("/mnt/${specifier[0]?.toLowerCase()}${specifier.slice(2).replaceAll("\\", "/")}")\``,
    );
  }
  if (/^[^:]*\\[^:]*\.py(:|$)/.test(specifier)) {
    const slashes = specifier.replaceAll("\\", "/");
    return problemOf(
      "a path without backslashes",
      describeValue(specifier),
      `write \`python(${JSON.stringify(slashes)})\``,
    );
  }
  const isFileUrl = specifier.startsWith("file:");
  if (!isFileUrl && (target instanceof URL || /^[a-z][a-z0-9+.-]+:\/\//i.test(specifier))) {
    return problemOf(TARGET_RULE, `the URL ${specifier}`, `for a file next to this one, write \`${RELATIVE_TO_CODE}\``);
  }
  if (/\.[cm]?[jt]sx?$/.test(specifier)) {
    const remedy = `for a file next to this one, write \`${RELATIVE_TO_CODE}\``;
    return problemOf(TARGET_RULE, describeValue(specifier), remedy);
  }
  if (specifier.includes("\n")) {
    return problemOf(TARGET_RULE, "source code", 'save it as a file and write `python("./tools.py")`');
  }
  return undefined;
}

/** Returns the remedy for a target whose file does not exist: the most likely existing file, where there is one. */
export function missingFileRemedy(target: string, file: string): string {
  if (target.startsWith("~/")) {
    const expanded = JSON.stringify(join(homedir(), target.slice(2)));
    return `~ is not expanded to the home directory; write python(${expanded})`;
  }
  if (existsSync(`${file}.py`)) return `write python(${JSON.stringify(`${target}.py`)})`;
  const [, script, name] = /^(.*\.py)[:.]+(\w+)$/.exec(target) ?? [];
  if (script !== undefined && name !== undefined && existsSync(resolve(dirname(file), basename(script)))) {
    return `write python(${JSON.stringify(script)}) and name the tool in the call: execute("${name}", { … })`;
  }
  const nearest = nearestName(basename(file), pythonFilesIn(dirname(file)));
  if (nearest !== undefined) {
    return `did you mean python(${JSON.stringify(target.slice(0, target.length - basename(target).length) + nearest)})?`;
  }
  const [, main] = process.argv;
  if (main !== undefined && existsSync(resolve(dirname(main), target))) {
    return `it is in ${dirname(main)}; write python(new URL(${JSON.stringify(target)}, import.meta.url))`;
  }
  return "use a path relative to the working directory, or a URL created with import.meta.url";
}

/** Returns the remedy for a target whose file is a directory, a pipe or a device. */
export function otherFileRemedy(path: string): string {
  const [first] = pythonFilesIn(path).sort();
  if (first === undefined) return 'name a Python file, for example python("./tools.py")';
  return `name one of the files in it, for example python(${JSON.stringify(join(path, first))})`;
}

/** Returns the valid forms of a target. If the invalid target contains the name of a file, only the form with that. */
function validForms(target: unknown): string {
  const parts = typeof target === "object" && target !== null ? Object.values(target) : [];
  const file = parts.find((part) => typeof part === "string" && part.endsWith(".py"));
  if (file !== undefined) return `write \`python(${JSON.stringify(file)})\``;
  return 'write for example `python("./tools.py")`, `python("package.module")` or `python("./tools.py:MyAdapter")`';
}

function problemOf(rule: string, got: string, remedy: string): ConfigProblem {
  return { path: "target", problem: `must be ${rule}; got ${got}`, remedy };
}

function pythonFilesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith(".py"));
  } catch {
    // The directory does not exist or cannot be read: no file can be suggested.
    return [];
  }
}
