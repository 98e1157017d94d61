import type { BridgeListenOptions } from "../ports/bridge-server.ts";
import type { DashboardOptions } from "../ports/dashboard-server.ts";
import type { Fallback } from "./fallback.ts";
import type {
  ResolvedHealth,
  ResolvedLogs,
  ResolvedPoolConfig,
  ResolvedRedaction,
  ResolvedServe,
  ResolvedSessions,
} from "./gen/config-types.ts";
import { isRegistryLocation, type RegistryLocation, type StoreLocation } from "./locations.ts";
import type { ResolvedConfig } from "./snakepit-config.ts";

/** The effective configuration, safe to log: plain data with masked secrets. */
export interface EffectiveConfig {
  readonly pools: Readonly<Record<string, EffectivePoolConfig>>;
  readonly registry: RegistryLocation | "custom" | "default";
  readonly sessions: EffectiveSessions;
  readonly maxPayloadBytes: number;
  readonly socketDirectory: string | undefined;
  readonly controlSocket: boolean;
  readonly logger: "custom" | "stderr" | "silent";
  /** Without what environment variables override. */
  readonly logs: ResolvedLogs;
  readonly redact: { readonly keys: readonly string[]; readonly patterns: readonly string[] };
  readonly health: ResolvedHealth;
  readonly instrumentation: "custom" | "OpenTelemetry";
  readonly serve: EffectiveServe | undefined;
}

/** The effective options of `snakepit serve`; tokens, certificates and keys are masked. */
export interface EffectiveServe extends Omit<ResolvedServe, "gateway" | "dashboard"> {
  readonly gateway: readonly Readonly<Record<string, unknown>>[];
  readonly dashboard: Readonly<Record<string, unknown>> | undefined;
}

/** The effective options of sessions. */
export interface EffectiveSessions extends Omit<ResolvedSessions, "store"> {
  readonly store: StoreLocation | "custom";
}

/** The effective options of a pool. */
export interface EffectivePoolConfig extends Omit<ResolvedPoolConfig, "worker" | "fallback"> {
  readonly worker: { readonly language: string; readonly target: string };
  readonly fallback: { readonly pool: string } | "function" | "value" | undefined;
}

/** Returns the configuration as frozen plain data: secrets are masked and objects are replaced by names. */
export function maskSecrets(config: ResolvedConfig): EffectiveConfig {
  const pools = Object.entries(config.pools).map(([name, pool]) => [name, maskPool(pool)] as const);
  return Object.freeze({
    pools: Object.freeze(Object.fromEntries(pools)),
    registry: maskRegistry(config.registry),
    sessions: Object.freeze({ ...config.sessions, store: maskStore(config.sessions.store) }),
    maxPayloadBytes: config.maxPayloadBytes,
    socketDirectory: config.socketDirectory,
    controlSocket: config.controlSocket,
    logger: config.logger === false ? "silent" : config.logger === undefined ? "stderr" : "custom",
    logs: config.logs,
    redact: maskRedaction(config.redact),
    health: config.health,
    instrumentation: config.instrumentation === undefined ? "OpenTelemetry" : "custom",
    serve: maskServe(config.serve),
  });
}

function maskPool(pool: ResolvedPoolConfig): EffectivePoolConfig {
  const env = Object.entries(pool.env).map(([name, value]) => [name, maskVariable(name, value)]);
  const { language, target } = pool.worker;
  return Object.freeze({
    ...pool,
    worker: Object.freeze({ language, target }),
    fallback: maskFallback(pool.fallback),
    env: Object.freeze(Object.fromEntries(env)),
  });
}

function maskFallback(fallback: Fallback | undefined): EffectivePoolConfig["fallback"] {
  if (typeof fallback === "function") return "function";
  if (fallback?.pool !== undefined) return Object.freeze({ pool: fallback.pool });
  return fallback === undefined ? undefined : "value";
}

function maskVariable(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  return isSecretName(name) ? MASK : maskUrlSecrets(value);
}

function maskRegistry(registry: ResolvedConfig["registry"]): EffectiveConfig["registry"] {
  if (registry === undefined) return "default";
  return isRegistryLocation(registry) ? maskLocation(registry) : "custom";
}

function maskStore(store: ResolvedSessions["store"]): EffectiveSessions["store"] {
  if (store === "memory" || store === "registry") return store;
  return isRegistryLocation(store) ? maskLocation(store) : "custom";
}

function maskLocation({ path, url }: RegistryLocation): RegistryLocation {
  return Object.freeze(url === undefined ? { path } : { url: maskUrlSecrets(url) });
}

function maskRedaction({ keys, patterns }: ResolvedRedaction): EffectiveConfig["redact"] {
  return Object.freeze({ keys: Object.freeze([...keys]), patterns: Object.freeze(patterns.map(String)) });
}

function maskServe(serve: ResolvedServe | undefined): EffectiveServe | undefined {
  if (serve === undefined) return undefined;
  const gateway = Object.freeze(serve.gateway.map(maskCredentials));
  return Object.freeze({ ...serve, gateway, dashboard: serve.dashboard && maskCredentials(serve.dashboard) });
}

function maskCredentials(options: BridgeListenOptions | DashboardOptions): Readonly<Record<string, unknown>> {
  const entries = Object.entries(options);
  return Object.freeze(
    Object.fromEntries(
      entries.map(([name, value]) => [name, name === "token" || name === "tls" ? MASK : describeFunction(value)]),
    ),
  );
}

function describeFunction(value: unknown): unknown {
  return typeof value === "function" ? "function" : value;
}

/** Replaces a secret. */
export const MASK = "***";

const SECRET_NAME =
  /passw|passphrase|secret|token(?!s|iz)|(api|access|private|signing|encryption)[_-]?key|credential|authorization|cookie/i;

/** Whether a variable or field with this name probably contains a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

const URL_CREDENTIALS = /\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]{0,256}):[^\s/]{1,256}@/gi;
const URL_SECRET_PARAMETERS = /([?&][^\s=&]{0,64}(?:password|secret|token|key)[^\s=&]{0,64}=)[^\s&#]+/gi;

/** Masks the password of each URL in a string, in its authority and in its query. */
export function maskUrlSecrets(text: string): string {
  return text.replace(URL_CREDENTIALS, `$1:${MASK}@`).replace(URL_SECRET_PARAMETERS, `$1${MASK}`);
}
