import { isDeepStrictEqual } from "node:util";
import { publishedExports } from "./published-exports.ts";
import { RANKS } from "./ranks.ts";
import type { Violation } from "./violation.ts";
import type { Manifest, WorkspacePackage } from "./workspace-package.ts";

/** Caret ranges, one or several: `^8.23.1`, `^1.3.0 || ^2.0.0`. */
const CARET_RANGE = /^\^\d+\.\d+\.\d+(-[\w.]+)?( \|\| \^\d+\.\d+\.\d+(-[\w.]+)?)*$/;

/** The range that `pnpm pack` replaces with a caret range of the package's version. */
const WORKSPACE_RANGE = "workspace:^";

/** The dependency fields that the package managers of users read. */
const PUBLISHED_FIELDS = ["dependencies", "peerDependencies", "optionalDependencies"] as const;

/**
 * Returns the problems of a package.json: a missing rank, dependencies on a higher rank, versions that users can
 * neither deduplicate nor update, wrong exports in the published package.
 */
export function checkManifest({ folder, manifest }: WorkspacePackage): readonly Violation[] {
  const messages = [
    ...problemsWithRanks(manifest),
    ...problemsWithVersions(manifest),
    ...problemsWithExports(manifest),
  ];
  return messages.map((message) => ({ file: `${folder}/package.json`, line: 1, message }));
}

function problemsWithRanks(manifest: Manifest): readonly string[] {
  const rank = RANKS.get(manifest.name);
  if (rank === undefined) return [`${manifest.name} has no rank; add one to tooling/check-layers/ranks.ts.`];
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

/**
 * With an exact version, a user gets a second copy as soon as another package requires a newer one, and no security fix
 * before our next release. The lockfile pins the versions of the workspace.
 */
function problemsWithVersions(manifest: Manifest): readonly string[] {
  if (manifest.private === true) return [];
  return PUBLISHED_FIELDS.flatMap((field) =>
    Object.entries(manifest[field] ?? {}).flatMap(([name, version]) => {
      const rule = RANKS.has(name) ? WORKSPACE_RANGE : "a caret range";
      const isValid = RANKS.has(name) ? version === WORKSPACE_RANGE : CARET_RANGE.test(version);
      return isValid ? [] : [`${field}["${name}"] of ${manifest.name} must be ${rule}; got "${version}".`];
    }),
  );
}

function problemsWithExports(manifest: Manifest): readonly string[] {
  if (manifest.private === true) return [];
  if (isDeepStrictEqual(manifest.publishConfig?.exports, publishedExports(manifest))) return [];
  return [
    `publishConfig.exports of ${manifest.name} must be its exports without the condition "source" and without ./testing.`,
  ];
}
