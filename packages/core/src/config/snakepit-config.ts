import type { HostConfig, PoolConfig, ResolvedHostConfig, ResolvedPoolConfig } from "./gen/config-types.ts";

/** The configuration of a host with one pool, named `default`. */
export interface SinglePoolConfig extends HostConfig, PoolConfig {
  readonly pools?: never;
}

/** The configuration of a host with named pools. Calls without a pool use `default`, or the only pool. */
export interface NamedPoolsConfig extends HostConfig {
  readonly pools: Readonly<Record<string, PoolConfig>>;
}

/** The configuration of `Snakepit.start()`. */
export type SnakepitConfig = SinglePoolConfig | NamedPoolsConfig;

/** A validated configuration with all defaults filled in. Durations are milliseconds. */
export interface ResolvedConfig extends ResolvedHostConfig {
  readonly pools: Readonly<Record<string, ResolvedPoolConfig>>;
}

/**
 * Type-checks a configuration in a separate file, and returns it unchanged.
 *
 * @example
 * // snakepit.config.ts
 * export default defineConfig({ worker: python("./tools.py"), size: 4 });
 */
export function defineConfig<const Config extends SnakepitConfig>(config: Config): Config {
  return config;
}
