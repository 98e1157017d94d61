import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { type ModuleImport, moduleImports } from "./module-imports.ts";
import { RANKS } from "./ranks.ts";
import type { Violation } from "./violation.ts";
import { isForTests, isTestCode, type Manifest, type WorkspacePackage } from "./workspace-package.ts";

/** Returns invalid imports of a package: against the ranks, past the exports, or of test code from published code. */
export function checkImports(
  root: string,
  checked: WorkspacePackage,
  workspace: readonly WorkspacePackage[],
): readonly Violation[] {
  return checked.sources.flatMap((file) =>
    moduleImports(file, readFileSync(join(root, file), "utf8")).flatMap((each) => {
      const message = problemWith(each, file, checked, workspace);
      return message === undefined ? [] : [{ file, line: each.line, message }];
    }),
  );
}

function problemWith(
  { specifier }: ModuleImport,
  file: string,
  from: WorkspacePackage,
  workspace: readonly WorkspacePackage[],
): string | undefined {
  if (specifier.startsWith(".")) return problemWithPath(specifier, file, from);
  const to = workspace.find(({ manifest: { name } }) => specifier === name || specifier.startsWith(`${name}/`));
  if (to === undefined) return undefined;
  return problemWithPackage(specifier, file, from, to);
}

function problemWithPath(specifier: string, file: string, from: WorkspacePackage): string | undefined {
  const target = posix.join(posix.dirname(file), specifier);
  if (!target.startsWith(`${from.folder}/`)) {
    return `"${specifier}" leaves the package; import another package by its name.`;
  }
  if (isTestCode(target) && isPublished(file, from)) return `"${specifier}" is test code, which is not published.`;
  return undefined;
}

function problemWithPackage(
  specifier: string,
  file: string,
  from: WorkspacePackage,
  to: WorkspacePackage,
): string | undefined {
  const { name } = to.manifest;
  if (to === from) return `"${specifier}" is this package itself; import the file by its path.`;
  const ranks = [RANKS.get(from.manifest.name), RANKS.get(name)] as const;
  if (ranks[0] !== undefined && ranks[1] !== undefined && ranks[1] >= ranks[0]) {
    return `${from.manifest.name} (rank ${ranks[0]}) must not import ${name} (rank ${ranks[1]}): imports go down the ranks only.`;
  }
  const subpath = `.${specifier.slice(name.length)}`;
  if (!exportsSubpath(to.manifest, subpath)) return `"${specifier}" is not among the exports of ${name}.`;
  if (isForTests(subpath) && isPublished(file, from)) return `"${specifier}" is test code, which is not published.`;
  return undefined;
}

/** Whether a file is published; nothing of a private package is, such as the examples. */
function isPublished(file: string, { manifest }: WorkspacePackage): boolean {
  return manifest.private !== true && !isTestCode(file);
}

function exportsSubpath({ exports = {} }: Manifest, subpath: string): boolean {
  return Object.keys(exports).some((pattern) => posix.matchesGlob(subpath, pattern));
}
