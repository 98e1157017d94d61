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
export function defineConfig<const Config extends SnakepitConfig>(config: Config): Config;
/**
 * Type-checks a function that returns the configuration, for example to read secrets first, and returns it unchanged.
 * `loadConfig()` and the command `snakepit` call it.
 *
 * @example
 * // snakepit.config.ts
 * export default defineConfig(async () => ({ worker: python("./tools.py"), env: await readSecrets() }));
 */
export function defineConfig<const Config extends ConfigFunction>(config: Config): Config;
export function defineConfig(config: SnakepitConfig | ConfigFunction): SnakepitConfig | ConfigFunction {
  return config;
}

/** A function that returns a configuration, the default export of a configuration file. */
export type ConfigFunction = () => SnakepitConfig | Promise<SnakepitConfig>;
