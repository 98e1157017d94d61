import { isDeepStrictEqual } from "node:util";
import { problemsWithRanks, RANKS } from "./ranks.ts";
import type { Violation } from "./violation.ts";
import { isForTests, type Manifest, type WorkspacePackage } from "./workspace-package.ts";

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

/**
 * Returns the required `publishConfig.exports` of a package: its exports without test support and without the condition
 * "source". That condition refers to the TypeScript of the workspace; in a published package, bundlers that use the
 * condition would resolve to unusable files.
 */
function publishedExports({ exports = {} }: Manifest): Readonly<Record<string, unknown>> {
  const published = Object.entries(exports).filter(([subpath]) => !isForTests(subpath));
  return Object.fromEntries(
    published.map(([subpath, target]) => {
      if (typeof target === "string") return [subpath, target];
      const { source: _, ...rest } = target;
      return [subpath, rest];
    }),
  );
}
