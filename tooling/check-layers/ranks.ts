import type { Manifest } from "./workspace-package.ts";

/**
 * The layers: a package may import only packages of a lower rank, so packages of one rank are independent of each
 * other. A new package must be added here.
 */
export const RANKS: ReadonlyMap<string, number> = new Map([
  ["@snakepit/core", 0],
  ["@snakepit/bridge-proto", 1],
  ["@snakepit/pool", 1],
  ["@snakepit/registry", 1],
  ["@snakepit/telemetry", 1],
  ["@snakepit/sessions", 1],
  ["@snakepit/python-bridge", 2],
  ["@snakepit/dashboard", 2],
  ["@snakepit/gateway", 2],
  ["snakepit", 3],
  ["@snakepit/examples", 4],
  ["@snakepit/batteries", 4],
  ["@snakepit/benchmarks", 4],
  ["@snakepit/site", 4],
]);

/** Returns the problems of a package whose rank is missing or not above those of its dependencies. */
export function problemsWithRanks(manifest: Manifest): readonly string[] {
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
