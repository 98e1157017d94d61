import { isDeepStrictEqual } from "node:util";
import { publishedExports } from "./published-exports.ts";
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

function problemsWithExports(manifest: Manifest): readonly string[] {
  if (manifest.private === true) return [];
  if (isDeepStrictEqual(manifest.publishConfig?.exports, publishedExports(manifest))) return [];
  return [
    `publishConfig.exports of ${manifest.name} must be its exports without the condition "source" and without ./testing.`,
  ];
}
