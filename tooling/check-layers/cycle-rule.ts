import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { moduleImports } from "./module-imports.ts";
import type { Violation } from "./violation.ts";
import type { WorkspacePackage } from "./workspace-package.ts";

/** An import of another file of the package. */
interface Edge {
  readonly to: string;
  readonly line: number;
}

type Imports = ReadonlyMap<string, readonly Edge[]>;

/**
 * Returns the import cycles among the files of a package, each reported once, at an import of its first file. Type imports
 * count: files that need each other's types are one unit. Between packages, the ranks allow no cycle.
 */
export function checkCycles(root: string, { sources }: WorkspacePackage): readonly Violation[] {
  const imports = importsWithin(root, sources);
  return groupsOf(imports)
    .filter((group) => group.length > 1 || isImportedByItself(group[0], imports))
    .map((group) => {
      const cycle = shortestCycle(imports, group);
      const [first = "", second = first] = cycle;
      const line = imports.get(first)?.find(({ to }) => to === second)?.line ?? 1;
      return { file: first, line, message: `imports in a cycle: ${[...cycle, first].join(" → ")}.` };
    });
}

function importsWithin(root: string, sources: readonly string[]): Imports {
  const known = new Set(sources);
  return new Map(
    sources.map((file) => {
      const edges = moduleImports(file, readFileSync(join(root, file), "utf8"))
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier, line }) => ({ to: posix.join(posix.dirname(file), specifier), line }))
        .filter(({ to }) => known.has(to));
      return [file, edges];
    }),
  );
}

function isImportedByItself(file: string | undefined, imports: Imports): boolean {
  return file !== undefined && imports.get(file)?.some(({ to }) => to === file) === true;
}

/**
 * Groups files that import each other, directly or indirectly (Tarjan's strongly connected components,
 * https://doi.org/10.1137/0201010).
 */
function groupsOf(imports: Imports): readonly (readonly string[])[] {
  const groups: (readonly string[])[] = [];
  const order = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();

  const visit = (file: string): number => {
    const place = order.size;
    let low = place;
    order.set(file, place);
    open.push(file);
    isOpen.add(file);
    for (const { to } of imports.get(file) ?? []) {
      const known = order.get(to);
      if (known === undefined) low = Math.min(low, visit(to));
      else if (isOpen.has(to)) low = Math.min(low, known);
    }
    if (low === place) {
      const group = open.splice(open.indexOf(file));
      for (const each of group) isOpen.delete(each);
      groups.push(group.sort());
    }
    return low;
  };

  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return groups;
}

/** Returns the shortest cycle through the first file of a group. */
function shortestCycle(imports: Imports, group: readonly string[]): readonly string[] {
  const [first = ""] = group;
  const members = new Set(group);
  const paths: (readonly string[])[] = [[first]];
  const reached = new Set<string>();
  for (const path of paths) {
    for (const { to } of imports.get(path.at(-1) ?? "") ?? []) {
      if (to === first) return path;
      if (!members.has(to) || reached.has(to)) continue;
      reached.add(to);
      paths.push([...path, to]);
    }
  }
  return group;
}
