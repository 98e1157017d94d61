import { checkCycles } from "./cycle-rule.ts";
import { checkFileSizes } from "./file-size-rule.ts";
import { checkImports } from "./import-rule.ts";
import { checkManifest } from "./manifest-rule.ts";
import type { Violation } from "./violation.ts";
import { readWorkspace } from "./workspace-package.ts";

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
