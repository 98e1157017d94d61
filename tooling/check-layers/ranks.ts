/**
 * The layers: a package may import only packages of a lower rank, so packages of one rank are independent of each other.
 * A new package must be added here.
 */
export const RANKS: ReadonlyMap<string, number> = new Map([
  ["@snakepit/core", 0],
  ["@snakepit/bridge-proto", 1],
  ["@snakepit/pool", 1],
  ["@snakepit/registry", 1],
  ["@snakepit/telemetry", 1],
  ["@snakepit/sessions", 1],
  ["@snakepit/python-bridge", 2],
  ["@snakepit/gateway", 2],
  ["snakepit", 3],
  ["@snakepit/examples", 4],
  ["@snakepit/benchmarks", 4],
  ["@snakepit/site", 4],
]);
