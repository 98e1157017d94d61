import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkCycles } from "./cycle-rule.ts";
import { checkFileSizes } from "./file-size-rule.ts";
import { checkImports } from "./import-rule.ts";
import { checkManifest } from "./manifest-rule.ts";
import type { Violation } from "./violation.ts";
import type { Manifest, WorkspacePackage } from "./workspace-package.ts";

/** Returns all violations of the architecture in a workspace. */
export function checkWorkspace(root: string): readonly Violation[] {
  const workspace = readWorkspace(root);
  const ofPackages = workspace.flatMap((each) => [
    ...checkManifest(each),
    ...checkImports(root, each, workspace),
    ...checkCycles(root, each),
  ]);
  return [...ofPackages, ...checkFileSizes(root)];
}

/** Returns the packages that need a rank: those under packages/ and apps/, the benchmarks and the batteries. */
function readWorkspace(root: string): readonly WorkspacePackage[] {
  const folders = globSync(["packages/*", "apps/*", "batteries", "benchmarks"], { cwd: root }).sort();
  return folders.filter((folder) => existsSync(join(root, folder, "package.json"))).map((folder) => read(root, folder));
}

function read(root: string, folder: string): WorkspacePackage {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
  const sources = globSync(`${folder}/{src,test,tests}/**/*.ts`, { cwd: root }).sort();
  return { folder, manifest, sources };
}
