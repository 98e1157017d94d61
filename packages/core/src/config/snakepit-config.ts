import type { HostConfig, PoolConfig, ResolvedHostConfig, ResolvedPoolConfig } from "./gen/config-types.ts";

/** The configuration of a host with one pool, named `default`. */
export interface SinglePoolConfig extends HostConfig, PoolConfig {
  readonly pools?: never;
}

/** The configuration of a host with pools by name. Calls that name none go to `default`, or to the only one. */
export interface NamedPoolsConfig extends HostConfig {
  readonly pools: Readonly<Record<string, PoolConfig>>;
}

/** What `Snakepit.start()` takes. */
export type SnakepitConfig = SinglePoolConfig | NamedPoolsConfig;

/** A configuration that was checked and whose defaults are filled in. Durations are milliseconds. */
export interface ResolvedConfig extends ResolvedHostConfig {
  readonly pools: Readonly<Record<string, ResolvedPoolConfig>>;
}

/**
 * Gives a configuration in a file of its own its type; returns it unchanged.
 *
 * @example
 * // snakepit.config.ts
 * export default defineConfig({ worker: python("./tools.py"), size: 4 });
 */
export function defineConfig<const Config extends SnakepitConfig>(config: Config): Config {
  return config;
}
