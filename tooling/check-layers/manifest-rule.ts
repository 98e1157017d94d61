import { isDeepStrictEqual } from "node:util";
import { RANKS } from "./ranks.ts";
import type { Violation } from "./violation.ts";
import type { Manifest, WorkspacePackage } from "./workspace-package.ts";

/** What is wrong with a package.json: a rank that is missing, dependencies that go up, exports that differ when published. */
export function checkManifest({ folder, manifest }: WorkspacePackage): readonly Violation[] {
  const messages = [...problemsWithRanks(manifest), ...problemsWithExports(manifest)];
  return messages.map((message) => ({ file: `${folder}/package.json`, line: 1, message }));
}

function problemsWithRanks(manifest: Manifest): readonly string[] {
  const rank = RANKS.get(manifest.name);
  if (rank === undefined) return [`${manifest.name} has no rank; give it one in tooling/check-layers/ranks.ts.`];
  const dependencies = Object.keys({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  });
  return dependencies.flatMap((name) => {
    const other = RANKS.get(name);
    if (other === undefined || other < rank) return [];
    return [`${manifest.name} (rank ${rank}) must not depend on ${name} (rank ${other}).`];
  });
}

// The condition "source" leads to the TypeScript of the workspace. Published, it would send bundlers that know the
// condition to files they cannot use, so publishConfig leaves it out; nothing else may differ.
function problemsWithExports({ name, private: isPrivate, exports = {}, publishConfig }: Manifest): readonly string[] {
  if (isPrivate === true) return [];
  const published = Object.fromEntries(
    Object.entries(exports).map(([subpath, target]) => {
      if (typeof target === "string") return [subpath, target];
      const { source: _, ...rest } = target;
      return [subpath, rest];
    }),
  );
  if (isDeepStrictEqual(publishConfig?.exports, published)) return [];
  return [`publishConfig.exports of ${name} must be its exports without the condition "source".`];
}
