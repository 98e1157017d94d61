import type { ResolvedPoolConfig, ResolvedRedaction } from "./gen/config-types.ts";
import { isRegistryLocation, type RegistryLocation } from "./registry-location.ts";
import { isSecretName, MASK, maskUrlSecrets } from "./secret-names.ts";
import type { ResolvedConfig } from "./snakepit-config.ts";

/** A configuration as it is in force, to be read and logged: plain data, secrets masked. */
export interface EffectiveConfig {
  readonly pools: Readonly<Record<string, EffectivePoolConfig>>;
  readonly registry: RegistryLocation | "custom" | "default";
  readonly maxPayloadBytes: number;
  readonly socketDirectory: string | undefined;
  readonly logger: "custom" | "stderr" | "silent";
  readonly redact: { readonly keys: readonly string[]; readonly patterns: readonly string[] };
  readonly instrumentation: "custom" | "OpenTelemetry";
}

/** A pool's configuration as it is in force. */
export interface EffectivePoolConfig extends Omit<ResolvedPoolConfig, "worker"> {
  readonly worker: { readonly language: string; readonly target: string };
}

/** A configuration without its secrets and without the objects that it refers to; frozen. */
export function maskSecrets(config: ResolvedConfig): EffectiveConfig {
  const pools = Object.entries(config.pools).map(([name, pool]) => [name, maskPool(pool)] as const);
  return Object.freeze({
    pools: Object.freeze(Object.fromEntries(pools)),
    registry: maskRegistry(config.registry),
    maxPayloadBytes: config.maxPayloadBytes,
    socketDirectory: config.socketDirectory,
    logger: config.logger === false ? "silent" : config.logger === undefined ? "stderr" : "custom",
    redact: maskRedaction(config.redact),
    instrumentation: config.instrumentation === undefined ? "OpenTelemetry" : "custom",
  });
}

function maskPool(pool: ResolvedPoolConfig): EffectivePoolConfig {
  const env = Object.entries(pool.env).map(([name, value]) => [name, maskVariable(name, value)]);
  const { language, target } = pool.worker;
  return Object.freeze({
    ...pool,
    worker: Object.freeze({ language, target }),
    env: Object.freeze(Object.fromEntries(env)),
  });
}

function maskVariable(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  return isSecretName(name) ? MASK : maskUrlSecrets(value);
}

function maskRegistry(registry: ResolvedConfig["registry"]): EffectiveConfig["registry"] {
  if (registry === undefined) return "default";
  if (!isRegistryLocation(registry)) return "custom";
  return Object.freeze(registry.url === undefined ? { path: registry.path } : { url: maskUrlSecrets(registry.url) });
}

function maskRedaction({ keys, patterns }: ResolvedRedaction): EffectiveConfig["redact"] {
  return Object.freeze({ keys: Object.freeze([...keys]), patterns: Object.freeze(patterns.map(String)) });
}
